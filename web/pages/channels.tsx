import { plural, withQuery } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { AlertTabs } from "../parts/alert-tabs.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { ActionButton } from "../parts/form.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { Time } from "../parts/time.tsx";
import { channelKinds } from "./channel-kinds.tsx";

export interface ChannelRow {
  id: string;
  name: string;
  kindName: string;
  target: string;
  active: boolean;
  /** Null = every workspace. */
  workspaceName: string | null;
  rules: number;
  lastSent: { at: Date; ok: boolean } | null;
  mayChange: boolean;
}

/** What the installation sends mail with; shown to admins. */
export interface MailServer {
  /** Undefined: no mail is sent. */
  configured: { server: string; from: string } | undefined;
  /** Where a test would go. */
  email: string;
  /** A test that was just queued. */
  isTested: boolean;
}

export interface ChannelsProps {
  shell: Shell;
  rows: ChannelRow[];
  mail: MailServer | undefined;
  mayCreate: boolean;
}

export const channelsPage = (props: ChannelsProps) => {
  const { shell, rows, mail, mayCreate } = props;
  return page(
    <Layout title="Alert channels" shell={shell} section="alerts">
      <div class="head">
        <h1>Alert channels</h1>
      </div>
      <AlertTabs shell={shell} place="channels" />
      {rows.length === 0 ? (
        <EmptyState title="No channels yet">
          A channel is a place where people are told: an inbox, a room of a chat, a pager. It is set up once,
          tested here, and used by the rules of any number of monitors.
        </EmptyState>
      ) : (
        <ChannelTable shell={shell} rows={rows} />
      )}
      {mayCreate && <NewChannel shell={shell} />}
      {mail && <Mail mail={mail} shell={shell} />}
    </Layout>,
  );
};

function ChannelTable({ shell, rows }: Pick<ChannelsProps, "shell" | "rows">) {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Channel</th>
          <th scope="col">For</th>
          <th scope="col">Used by</th>
          <th scope="col">Last message</th>
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            <td class="name">
              {row.mayChange ? <a href={`/alerts/channels/${row.id}`}>{row.name}</a> : row.name}
              <span class="sub">
                {row.kindName}, {row.target}
                {row.active ? "" : ", switched off"}
              </span>
            </td>
            <td data-label="For">{row.workspaceName ?? "every workspace"}</td>
            <td data-label="Used by">{plural(row.rules, "rule")}</td>
            <td data-label="Last message">
              <LastSent row={row} now={shell.now} />
            </td>
            <td class="end">
              {row.mayChange && (
                <ActionButton
                  action={`/alerts/channels/${row.id}/test`}
                  csrfToken={shell.csrfToken}
                  label="Send a test"
                  class="small"
                />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function LastSent({ row, now }: { row: ChannelRow; now: Date }) {
  if (!row.lastSent) return <span class="dim">none yet</span>;
  return (
    <a class="quiet" href={withQuery("/alerts", { channel: row.id })}>
      <StatusMark
        status={row.lastSent.ok ? "passed" : "failed"}
        word={row.lastSent.ok ? "sent" : "not sent"}
      />{" "}
      <Time at={row.lastSent.at} now={now} />
    </a>
  );
}

function NewChannel({ shell }: { shell: Shell }) {
  return (
    <section aria-labelledby="new-heading">
      <h2 id="new-heading">New channel</h2>
      <ul class="kinds plain">
        {channelKinds.map(({ kind, name, about }) => (
          <li>
            <a href={withQuery("/alerts/channels/new", { kind, workspace: shell.workspaceId })}>
              <b>{name}</b>
              <span class="dim">{about}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Mail({ mail, shell }: { mail: MailServer; shell: Shell }) {
  const { configured } = mail;
  return (
    <section class="panel" aria-labelledby="mail-heading">
      <h2 id="mail-heading">Mail server of this installation</h2>
      {mail.isTested && (
        <p class="notice" role="status">
          {`A test mail to ${mail.email} is on its way. Whether the server took it stands in the `}
          <a href="/alerts">log</a>.
        </p>
      )}
      {configured ? (
        <>
          <p>{`Mail goes out through ${configured.server}, from ${configured.from}.`}</p>
          <ActionButton
            action="/alerts/mail/test"
            csrfToken={shell.csrfToken}
            label={`Send a test to ${mail.email}`}
          />
        </>
      ) : (
        <p>
          There is none, so channels of the kind e-mail and the addresses of monitors reach nobody. Start the
          server with <code>--smtp-url smtp://user:password@mail.example.com:587</code> and{" "}
          <code>--smtp-from alerts@example.com</code>, or set <code>APP_SMTP_URL</code> and{" "}
          <code>APP_SMTP_FROM</code>.
        </p>
      )}
    </section>
  );
}
