import { Layout, page, type Shell } from "../layout.tsx";

/** One member of a query, a path or a body. */
export interface ReferenceField {
  /** Dotted path; lists end in `[]`. */
  name: string;
  type: string;
  isRequired: boolean;
}

export interface ReferenceOperation {
  id: string;
  method: string;
  /** Below the address of the API. */
  path: string;
  summary: string;
  description?: string | undefined;
  /** Of the path and the query. */
  parameters: ReferenceField[];
  body: ReferenceField[];
  answer: ReferenceField[];
  status: string;
  /** A call that can be pasted into a shell. */
  example: string;
}

export interface ReferenceProps {
  shell: Shell;
  /** Where every path begins. */
  serverUrl: string;
  groups: { tag: string; operations: ReferenceOperation[] }[];
}

/** Every endpoint of the API; nothing on it is loaded from elsewhere. */
export const apiReferencePage = (props: ReferenceProps) =>
  page(
    <Layout title="API reference" shell={props.shell}>
      <div class="head">
        <h1>API reference</h1>
      </div>
      <p class="prose">
        Paths hang below <code>{props.serverUrl}</code>; send an <a href="/keys">API key</a> as{" "}
        <code>X-Api-Key</code>. Clients of the Postman API work when this is their base URL. The same as{" "}
        <a href="/api/openapi.json">OpenAPI 3.1</a>.
      </p>
      <nav class="panel" aria-label="Groups of endpoints">
        {props.groups.map(({ tag, operations }) => (
          <>
            <a href={`#${anchor(tag)}`}>{tag}</a> <span class="dim">{operations.length}</span>{" "}
          </>
        ))}
      </nav>
      {props.groups.map(({ tag, operations }) => (
        <section class="panel" aria-labelledby={anchor(tag)}>
          <h2 id={anchor(tag)}>{tag}</h2>
          {operations.map((operation) => (
            <Operation operation={operation} />
          ))}
        </section>
      ))}
    </Layout>,
  );

const anchor = (tag: string): string => `group-${tag.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;

function Operation({ operation }: { operation: ReferenceOperation }) {
  const { id, method, path, summary, description, parameters, body, answer, status, example } = operation;
  return (
    <details class="request" id={id}>
      <summary>
        <span class="method">{method}</span> <code>{path}</code> <span class="dim">{summary}</span>
      </summary>
      {description !== undefined && <p>{description}</p>}
      <Fields title="Parameters" fields={parameters} />
      <Fields title="Body (JSON)" fields={body} />
      <Fields title={`Answer ${status}`} fields={answer} />
      <pre class="code">{example}</pre>
    </details>
  );
}

function Fields({ title, fields }: { title: string; fields: ReferenceField[] }) {
  if (fields.length === 0) return null;
  return (
    <table class="list">
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Type</th>
          <th scope="col">Required</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(({ name, type, isRequired }) => (
          <tr>
            <td>
              <code>{name}</code>
            </td>
            <td>{type}</td>
            <td>{isRequired ? "yes" : ""}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
