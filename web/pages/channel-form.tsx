import { Layout, page, type Shell } from "../layout.tsx";
import { type DeliveryStatus, deliveryWords } from "../parts/alert-log.tsx";
import {
  ActionButton,
  control,
  Field,
  Form,
  type FormErrors,
  FormMessage,
  SelectField,
  TextField,
} from "../parts/form.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { type ChannelKind, channelKinds } from "./channel-kinds.tsx";

export interface ChannelValues {
  name: string;
  /** Empty = every workspace. */
  workspaceId: string;
  active: boolean;
  recipients: string;
  url: string;
  routingKey: string;
  apiKey: string;
  secret: string;
  /** A line of `Name: value` each. */
  headers: string;
}

export interface ChannelFormProps {
  shell: Shell;
  kind: ChannelKind;
  /** Absent for a new one. */
  channel?: { id: string; name: string; target: string; workspaceName: string | null } | undefined;
  values: ChannelValues;
  /** Workspaces that it may be made in. */
  places: { value: string; label: string }[];
  /** Of the test that was just sent. */
  test?: { status: DeliveryStatus; responseStatus: number | null; response: string | null } | undefined;
  /** It is about e-mail, and no mail server is known. */
  lacksMail: boolean;
  errors?: FormErrors | undefined;
}

export const channelFormPage = (props: ChannelFormProps) => {
  const { shell, channel } = props;
  const words = wordsOf(props.kind);
  const title = channel ? channel.name : `New channel: ${words.name}`;
  return page(
    <Layout title={title} shell={shell} section="alerts">
      <p class="crumbs">
        <a href="/alerts/channels">Alert channels</a>
      </p>
      <div class="head">
        <h1>{title}</h1>
        {channel && (
          <div class="actions">
            <ActionButton
              action={`/alerts/channels/${channel.id}/test`}
              csrfToken={shell.csrfToken}
              label="Send a test"
            />
            <a class="button danger" href={`/alerts/channels/${channel.id}/delete`}>
              Delete
            </a>
          </div>
        )}
      </div>
      {props.test && <TestResult test={props.test} />}
      {props.lacksMail && (
        <p class="notice warn">
          This installation has no mail server yet: start it with <code>--smtp-url</code> and{" "}
          <code>--smtp-from</code>.
        </p>
      )}
      <div class="columns">
        <ChannelForm {...props} />
        <aside class="panel">
          <h2>{channel ? words.name : "Where to get it"}</h2>
          <ol class="steps">
            {words.steps.map((step) => (
              <li>{step}</li>
            ))}
          </ol>
        </aside>
      </div>
    </Layout>,
  );
};

function wordsOf(kind: ChannelKind) {
  const words = channelKinds.find((known) => known.kind === kind);
  if (!words) throw new Error(`no words for the channel ${kind}`);
  return words;
}

function TestResult({ test }: { test: NonNullable<ChannelFormProps["test"]> }) {
  const { status, word } = deliveryWords[test.status];
  return (
    <section class="panel" role="status" aria-label="Result of the test">
      <p class="summary">
        <StatusMark status={status} word={`test ${word}`} />
        {test.responseStatus !== null && <code>{test.responseStatus}</code>}
      </p>
      {test.response !== null && test.response !== "" && <pre class="answer">{test.response}</pre>}
      {(test.status === "pending" || test.status === "sending") && (
        <p class="dim">
          There is no answer yet; the <a href="/alerts">log</a> will tell.
        </p>
      )}
    </section>
  );
}

function ChannelForm(props: ChannelFormProps) {
  const { shell, kind, channel, values, places, errors } = props;
  const action = channel ? `/alerts/channels/${channel.id}` : `/alerts/channels?kind=${kind}`;
  return (
    <Form action={action} csrfToken={shell.csrfToken} class="form">
      <FormMessage errors={errors} />
      <TextField
        name="name"
        label="Name"
        value={values.name}
        errors={errors}
        required
        autofocus={!channel}
        placeholder="On-call"
      />
      {!channel && places.length > 1 && (
        <SelectField
          name="workspace"
          label="For"
          value={values.workspaceId}
          errors={errors}
          options={places}
        />
      )}
      <Target {...props} />
      {channel && (
        <label class="check">
          <input type="checkbox" name="active" value="yes" checked={values.active} />
          In use; switched off it drops what it is given
        </label>
      )}
      <div class="actions">
        <button type="submit" class="button primary">
          {channel ? "Save" : "Create channel"}
        </button>
        <a class="button" href="/alerts/channels">
          Cancel
        </a>
      </div>
    </Form>
  );
}

/** What the kind needs. What is stored is never shown again: an empty field keeps it. */
function Target({ kind, channel, values, errors }: ChannelFormProps) {
  const kept = channel ? `Empty keeps what is stored (${channel.target}).` : undefined;
  const secretField = (name: "url" | "routingKey" | "apiKey" | "secret", label: string, hint = kept) => (
    <TextField
      name={name}
      label={label}
      value={values[name]}
      errors={errors}
      hint={hint}
      autocomplete="off"
      required={!channel && name !== "secret"}
    />
  );
  const service = (
    <TextField
      name="url"
      label="Address of the service"
      value={values.url}
      errors={errors}
      hint="Empty for the usual one. Another region, or a gateway of your own."
    />
  );
  if (kind === "email") {
    return (
      <Field name="recipients" label="Addresses" errors={errors} hint="One on each line.">
        <textarea rows={4} {...control("recipients", errors, true)} required>
          {values.recipients}
        </textarea>
      </Field>
    );
  }
  if (kind === "slack" || kind === "teams") return secretField("url", "Webhook URL");
  if (kind === "pagerduty")
    return (
      <>
        {secretField("routingKey", "Integration key")}
        {service}
      </>
    );
  if (kind === "opsgenie")
    return (
      <>
        {secretField("apiKey", "API key")}
        {service}
      </>
    );
  return (
    <>
      {secretField("url", "URL")}
      {secretField(
        "secret",
        "Secret for the signature",
        channel ? "Given together with the URL." : "Optional, and wise.",
      )}
      <Field
        name="headers"
        label="Headers"
        errors={errors}
        hint="Optional. One on each line, such as Authorization: Bearer token. Given together with the URL."
      >
        <textarea rows={2} {...control("headers", errors, true)}>
          {values.headers}
        </textarea>
      </Field>
    </>
  );
}
