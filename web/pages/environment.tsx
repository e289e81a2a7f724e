import { Layout, page, type Shell } from "../layout.tsx";
import type { DocumentRow } from "../parts/document-list.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { ActionButton } from "../parts/form.tsx";
import { type MonitorUse, MonitorUses } from "../parts/monitor-uses.tsx";
import { SavedNotice } from "../parts/saved-notice.tsx";
import { Time } from "../parts/time.tsx";
import { VariableSearch } from "../parts/variable-search.tsx";
import { type VariableRow, VariableTable } from "../parts/variable-table.tsx";

export interface EnvironmentProps {
  shell: Shell;
  environment: DocumentRow & { revision: number };
  /** Those that are searched for. */
  variables: VariableRow[];
  /** Of all variables. */
  total: number;
  /** What is searched for; empty = everything. */
  text: string;
  uses: { monitors: MonitorUse[]; total: number };
  /** Revision that has just been saved. */
  saved?: number | undefined;
  /** The person may look and change nothing. */
  isReadOnly?: boolean;
}

export const environmentPage = (props: EnvironmentProps) => {
  const { shell, environment, variables, total, text, uses, saved, isReadOnly } = props;
  const href = `/environments/${environment.id}`;
  return page(
    <Layout title={environment.name} shell={shell} section="environments">
      <div class="head">
        <div>
          <p class="crumbs">
            <a href="/environments">Environments</a> / {environment.workspaceName}
          </p>
          <h1>{environment.name}</h1>
        </div>
        <div class="actions">
          {!isReadOnly && (
            <>
              <a class="button primary" href={`${href}/edit`}>
                Edit
              </a>
              <ActionButton action={`${href}/duplicate`} csrfToken={shell.csrfToken} label="Duplicate" />
            </>
          )}
          <a class="button" href={`${href}/export`} title="For Postman; without the values of secrets">
            Export
          </a>
          {!isReadOnly && (
            <a class="button danger" href={`${href}/delete`}>
              Delete
            </a>
          )}
        </div>
      </div>
      <SavedNotice href={href} saved={saved} shell={shell} isReadOnly={isReadOnly} />
      <p class="summary">
        <span class="dim">
          <a href={`${href}/revisions`}>{`revision ${environment.revision}`}</a>
          {", updated "}
          <Time at={environment.updatedAt} now={shell.now} />
        </span>
      </p>
      <VariableSearch href={href} text={text} found={variables.length} total={total} />
      {total === 0 ? (
        <EmptyState
          title="No variables yet"
          action={isReadOnly ? undefined : { href: `${href}/edit`, label: "Add variables" }}
        >
          An environment holds the variables of one place: addresses, credentials.
        </EmptyState>
      ) : (
        <VariableTable variables={variables} />
      )}
      <section>
        <h2>Monitors that use it</h2>
        <MonitorUses uses={uses} now={shell.now} csrfToken={isReadOnly ? undefined : shell.csrfToken} />
      </section>
    </Layout>,
  );
};
