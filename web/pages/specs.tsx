import { Layout, page, type Shell } from "../layout.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { Form, type FormErrors, FormMessage, SelectField, TextField } from "../parts/form.tsx";
import { Time } from "../parts/time.tsx";
import { UploadForm } from "../parts/upload-form.tsx";

interface SpecRow {
  id: string;
  name: string;
  type: string;
  workspaceName: string;
  updatedAt: Date;
}

export interface SpecsProps {
  shell: Shell;
  rows: SpecRow[];
  upload: { text: string; workspaceId?: string | undefined; errors?: FormErrors };
}

export const specsPage = ({ shell, rows, upload }: SpecsProps) =>
  page(
    <Layout title="Specifications" shell={shell} section="specs">
      <div class="head">
        <h1>Specifications</h1>
      </div>
      <div class="columns">
        <div>
          {rows.length === 0 ? (
            <EmptyState title="No specifications yet">
              A specification says what an API offers: OpenAPI, AsyncAPI, Protobuf, GraphQL or Smithy.
              Collections are generated from OpenAPI and kept in sync with it.
            </EmptyState>
          ) : (
            <table class="list">
              <thead>
                <tr>
                  <th scope="col">Specification</th>
                  <th scope="col">Type</th>
                  <th scope="col">Workspace</th>
                  <th scope="col">Updated</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr>
                    <td class="name">
                      <a href={`/specs/${row.id}`}>{row.name}</a>
                    </td>
                    <td data-label="Type">{row.type}</td>
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
          action="/specs"
          noun="specification"
          hint="OpenAPI or AsyncAPI as JSON or YAML, .proto, .graphql or .smithy."
          accept=".json,.yaml,.yml,.proto,.graphql,.gql,.smithy"
          {...upload}
        />
      </div>
    </Layout>,
  );

export interface SpecProps {
  shell: Shell;
  spec: SpecRow & { revision: number };
  /** The root first. */
  files: { path: string; sizeBytes: number }[];
  /** The file that is shown, and its text. */
  shown: { path: string; text: string; isCut: boolean };
  collections: { id: string; name: string; state: string }[];
  isGenerating: boolean;
  canGenerate: boolean;
  name?: string;
  errors?: FormErrors;
}

export const specPage = (props: SpecProps) =>
  page(
    <Layout title={props.spec.name} shell={props.shell} section="specs">
      <div class="head">
        <div>
          <p class="crumbs">
            <a href="/specs">Specifications</a> / {props.spec.workspaceName}
          </p>
          <h1>{props.spec.name}</h1>
        </div>
        <div class="actions">
          <a class="button danger" href={`/specs/${props.spec.id}/delete`}>
            Delete
          </a>
        </div>
      </div>
      <p class="summary">
        {props.spec.type}
        <span class="dim">
          {`revision ${props.spec.revision}, updated `}
          <Time at={props.spec.updatedAt} now={props.shell.now} />
        </span>
      </p>
      <div class="columns">
        <div>
          <Definition {...props} />
        </div>
        <Collections {...props} />
      </div>
    </Layout>,
  );

function Definition({ spec, files, shown }: SpecProps) {
  return (
    <section class="panel" aria-label="Definition">
      {files.length > 1 && (
        <ul class="plain links">
          {files.map(({ path }) => (
            <li>
              <a
                href={`/specs/${spec.id}?file=${encodeURIComponent(path)}`}
                aria-current={path === shown.path ? "true" : undefined}
              >
                {path}
              </a>
            </li>
          ))}
        </ul>
      )}
      <pre tabindex={0}>
        <code>{shown.text}</code>
      </pre>
      {shown.isCut && <p class="dim">The file is longer; the API gives all of it.</p>}
    </section>
  );
}

const states: Record<string, string> = {
  "in-sync": "in sync",
  "out-of-sync": "the specification has changed since",
  "sync-in-progress": "is being brought up to it",
};

function Collections({ shell, spec, collections, isGenerating, canGenerate, name, errors }: SpecProps) {
  return (
    <div>
      <div class="panel">
        <h2>Collections</h2>
        {collections.length === 0 ? (
          <p class="dim">None was generated from it yet.</p>
        ) : (
          <ul class="plain">
            {collections.map((collection) => (
              <li>
                <a href={`/collections/${collection.id}`}>{collection.name}</a>{" "}
                <span class="dim">{states[collection.state] ?? collection.state}</span>
                {collection.state === "out-of-sync" && (
                  <Form
                    action={`/specs/${spec.id}/collections/${collection.id}/sync`}
                    csrfToken={shell.csrfToken}
                  >
                    <button type="submit" class="button small">
                      Bring up to it
                    </button>
                  </Form>
                )}
              </li>
            ))}
          </ul>
        )}
        {isGenerating && (
          <p class="notice" role="status">
            A collection is being generated; reload the page to see it.
          </p>
        )}
      </div>
      {canGenerate ? (
        <Form action={`/specs/${spec.id}/collections`} csrfToken={shell.csrfToken} class="form panel">
          <h2>Generate a collection</h2>
          <FormMessage errors={errors} />
          <TextField name="name" label="Name" value={name ?? spec.name} errors={errors} required />
          <SelectField
            name="folders"
            label="Folders"
            errors={errors}
            options={[
              { value: "Paths", label: "by path" },
              { value: "Tags", label: "by tag" },
            ]}
          />
          <button type="submit" class="button primary">
            Generate
          </button>
        </Form>
      ) : (
        <p class="dim">Collections are generated from OpenAPI 2.0, 3.0 and 3.1 only.</p>
      )}
    </div>
  );
}
