import { Layout, page, type Shell } from "../layout.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import type { FormErrors } from "../parts/form.tsx";
import { Time } from "../parts/time.tsx";
import { UploadForm } from "../parts/upload-form.tsx";

export interface EnvironmentRow {
  id: string;
  name: string;
  workspaceName: string;
  updatedAt: Date;
}

export interface EnvironmentsProps {
  shell: Shell;
  rows: EnvironmentRow[];
  upload: { text: string; workspaceId?: string | undefined; errors?: FormErrors };
}

export const environmentsPage = ({ shell, rows, upload }: EnvironmentsProps) =>
  page(
    <Layout title="Environments" shell={shell} section="environments">
      <div class="head">
        <h1>Environments</h1>
      </div>
      <div class="columns">
        <div>
          {rows.length === 0 ? (
            <EmptyState title="No environments yet">
              An environment holds the variables of one place: addresses, credentials. Export one from Postman
              and upload the file here. Values of type “secret” are encrypted and never shown again.
            </EmptyState>
          ) : (
            <table class="list">
              <thead>
                <tr>
                  <th scope="col">Environment</th>
                  <th scope="col">Workspace</th>
                  <th scope="col">Updated</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr>
                    <td class="name">
                      <a href={`/environments/${row.id}`}>{row.name}</a>
                    </td>
                    <td data-label="Workspace">{row.workspaceName}</td>
                    <td data-label="Updated">
                      <Time at={row.updatedAt} now={shell.now} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </div>
        <UploadForm
          shell={shell}
          action="/environments"
          noun="environment"
          hint="A Postman environment as JSON."
          {...upload}
        />
      </div>
    </Layout>,
  );

export interface VariableRow {
  key: string;
  /** Absent for secrets: their value never reaches a page. */
  value?: string | undefined;
  isSecret: boolean;
  enabled: boolean;
}

export interface EnvironmentProps {
  shell: Shell;
  environment: EnvironmentRow & { revision: number };
  variables: VariableRow[];
}

export const environmentPage = ({ shell, environment, variables }: EnvironmentProps) =>
  page(
    <Layout title={environment.name} shell={shell} section="environments">
      <div class="head">
        <div>
          <p class="crumbs">
            <a href="/environments">Environments</a> / {environment.workspaceName}
          </p>
          <h1>{environment.name}</h1>
        </div>
        <div class="actions">
          <a class="button danger" href={`/environments/${environment.id}/delete`}>
            Delete
          </a>
        </div>
      </div>
      <p class="summary">
        <span class="dim">
          {`revision ${environment.revision}, updated `}
          <Time at={environment.updatedAt} now={shell.now} />
        </span>
      </p>
      {variables.length === 0 ? (
        <p class="dim">This environment has no variables.</p>
      ) : (
        <table class="list variables">
          <thead>
            <tr>
              <th scope="col">Variable</th>
              <th scope="col">Value</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {variables.map((variable) => (
              <tr>
                <td class="name">
                  <code>{variable.key}</code>
                </td>
                <td class="value" data-label="Value">
                  {variable.isSecret ? (
                    <span class="dim">
                      <span aria-hidden="true">•••••••• </span>secret
                    </span>
                  ) : (
                    <code>{variable.value ?? ""}</code>
                  )}
                </td>
                <td data-label="State">{variable.enabled ? "on" : <span class="dim">off</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Layout>,
  );
