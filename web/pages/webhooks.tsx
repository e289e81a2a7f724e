import { Layout, page, type Shell } from "../layout.tsx";
import { ChooseDocuments, type DocumentChoice } from "../parts/choose-documents.tsx";
import { CopyBox } from "../parts/copy-box.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { ActionButton, Form, type FormErrors, FormMessage, TextField } from "../parts/form.tsx";
import { Time } from "../parts/time.tsx";

export interface WebhookRow {
  id: string;
  name: string;
  workspaceName: string;
  monitorId: string;
  createdAt: Date;
  lastCalledAt: Date | null;
}

export interface WebhooksProps {
  shell: Shell;
  rows: WebhookRow[];
  /** Only in the answer to the POST that made it. */
  created?: { name: string; url: string } | undefined;
  collections: DocumentChoice[];
  environments: DocumentChoice[];
  values: { name: string; collection: string; environment: string };
  errors?: FormErrors | undefined;
}

export const webhooksPage = (props: WebhooksProps) =>
  page(
    <Layout title="Webhooks" shell={props.shell} section="webhooks">
      <div class="head">
        <h1>Webhooks</h1>
      </div>
      {props.created && (
        <section class="panel" aria-labelledby="created-heading">
          <h2 id="created-heading">{props.created.name}</h2>
          <p class="notice warn">This is shown once: whoever knows the URL can start the monitor.</p>
          <CopyBox id="new-webhook" text={props.created.url} label="URL of the webhook" />
        </section>
      )}
      <div class="columns">
        <div>{props.rows.length === 0 ? <NoWebhooks /> : <WebhookTable {...props} />}</div>
        {props.collections.length > 0 && <NewWebhook {...props} />}
      </div>
    </Layout>,
  );

const NoWebhooks = () => (
  <EmptyState title="No webhooks yet">
    A webhook is a URL that starts a monitor when it is called: after a deployment, by a build, by another
    system. The run sees what it was called with.
  </EmptyState>
);

function WebhookTable({ shell, rows }: WebhooksProps) {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Webhook</th>
          <th scope="col">Workspace</th>
          <th scope="col">Last called</th>
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            <td class="name">
              {row.name}
              <span class="sub">
                <a href={`/monitors/${row.monitorId}`}>its monitor</a>
              </span>
            </td>
            <td data-label="Workspace">{row.workspaceName}</td>
            <td data-label="Last called">
              <Time at={row.lastCalledAt} now={shell.now} />
            </td>
            <td class="end">
              <ActionButton
                action={`/webhooks/${row.id}/token`}
                csrfToken={shell.csrfToken}
                label="New URL"
                class="small"
              />{" "}
              <a class="button danger small" href={`/webhooks/${row.id}/delete`}>
                Revoke
              </a>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function NewWebhook({ shell, values, errors, collections, environments }: WebhooksProps) {
  return (
    <Form action="/webhooks" csrfToken={shell.csrfToken} class="form panel">
      <h2>New webhook</h2>
      <FormMessage errors={errors} />
      <TextField
        name="name"
        label="Name"
        value={values.name}
        errors={errors}
        required
        hint="Its monitor is called so, too."
      />
      <ChooseDocuments
        collections={collections}
        environments={environments}
        values={values}
        errors={errors}
      />
      <button type="submit" class="button primary">
        Create webhook
      </button>
    </Form>
  );
}
