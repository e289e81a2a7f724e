import { withQuery } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { ActionButton, Form, type FormErrors, TextField } from "../parts/form.tsx";
import { Pager } from "../parts/pager.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { Time } from "../parts/time.tsx";
import type { KeyRow } from "./keys.tsx";

export interface CallRow {
  at: Date;
  method: string;
  path: string;
  address: string;
  userAgent: string;
  decision: "allowed" | "denied";
  rule: string | null;
  status: number;
}

export interface KeyProps {
  shell: Shell;
  /** Absent for calls without a key that is known. */
  row?: KeyRow | undefined;
  calls: CallRow[];
  onlyDenied: boolean;
  /** Cursor of the next page. */
  next?: string | undefined;
  errors?: FormErrors | undefined;
}

/** A key, and what it did or tried to do. */
export function keyPage(props: KeyProps) {
  const { shell, row, calls, onlyDenied, next, errors } = props;
  const path = `/keys/${row?.id ?? "unknown"}`;
  const denied = onlyDenied ? "denied" : undefined;
  return page(
    <Layout title={row?.name ?? "Unknown keys"} shell={shell}>
      <p class="crumbs">
        <a href="/keys">API keys</a>
      </p>
      <div class="head">
        <h1>{row?.name ?? "Calls without a known key"}</h1>
        {row && !row.revokedAt && (
          <ActionButton action={`${path}/revoke`} csrfToken={shell.csrfToken} label="Revoke" class="danger" />
        )}
      </div>
      {row && <Facts shell={shell} row={row} />}
      {row && (
        <Form action={path} csrfToken={shell.csrfToken} class="filters">
          <TextField name="name" label="Name" value={row.name} errors={errors} required />
          <button type="submit" class="button">
            Rename
          </button>
        </Form>
      )}
      <h2>Calls</h2>
      <Tabs
        label="Decision"
        tabs={[
          { href: path, label: "All", current: !onlyDenied },
          { href: `${path}?decision=denied`, label: "Denied", current: onlyDenied },
        ]}
      />
      {calls.length === 0 ? (
        <EmptyState title="No calls">Calls are listed about a second after they were made.</EmptyState>
      ) : (
        <CallTable shell={shell} calls={calls} />
      )}
      <Pager next={next && withQuery(path, { decision: denied, cursor: next })} />
    </Layout>,
  );
}

function Facts({ shell, row }: { shell: Shell; row: KeyRow }) {
  return (
    <p class="sub">
      <code>{row.prefix}…</code> of {row.email} ·{" "}
      {row.scopes ? row.scopes.join(", ") : "all that its owner may do"} · last used{" "}
      <Time at={row.lastUsedAt} now={shell.now} /> ·{" "}
      {row.revokedAt ? (
        <>
          revoked <Time at={row.revokedAt} now={shell.now} />
        </>
      ) : (
        <>
          expires <Time at={row.expiresAt} now={shell.now} />
        </>
      )}
    </p>
  );
}

function CallTable({ shell, calls }: { shell: Shell; calls: CallRow[] }) {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">What</th>
          <th scope="col">From</th>
          <th scope="col">Decision</th>
          <th scope="col">Status</th>
        </tr>
      </thead>
      <tbody>
        {calls.map((call) => (
          <tr>
            <td class="when">
              <Time at={call.at} now={shell.now} />
            </td>
            <td class="long" data-label="What">
              <code>
                {call.method} {call.path}
              </code>
            </td>
            <td class="long" data-label="From">
              <span class="whole">{call.address}</span>
              <span class="sub">{call.userAgent}</span>
            </td>
            <td class="long" data-label="Decision">
              <StatusMark
                status={call.decision === "allowed" ? "passed" : "failed"}
                word={call.decision === "allowed" ? "allowed" : `denied: ${call.rule ?? ""}`}
              />
            </td>
            <td data-label="Status">{call.status}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
