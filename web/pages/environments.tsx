import { Layout, page, type Shell } from "../layout.tsx";
import { DocumentList, type DocumentListProps, type DocumentRow } from "../parts/document-list.tsx";
import { Time } from "../parts/time.tsx";

export const environmentsPage = (props: DocumentListProps) =>
  page(
    <Layout title="Environments" shell={props.shell} section="environments">
      <div class="head">
        <h1>Environments</h1>
      </div>
      <DocumentList {...props} noun="environment" hint="A Postman environment as JSON.">
        An environment holds the variables of one place: addresses, credentials. Export one from Postman and
        upload the file here. Values of type “secret” are encrypted and never shown again.
      </DocumentList>
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
  environment: DocumentRow & { revision: number };
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
