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

export interface ReferenceGroup {
  tag: string;
  /** Last part of its address. */
  slug: string;
  operations: ReferenceOperation[];
}

export interface ReferenceProps {
  shell: Shell;
  /** Where every path begins. */
  serverUrl: string;
  groups: ReferenceGroup[];
  /** The one that is shown in full; absent = the list of all endpoints. */
  group?: ReferenceGroup | undefined;
}

/** Every endpoint of the API: the list, or one group of it in full. Nothing on it is loaded from elsewhere. */
export const apiReferencePage = ({ shell, serverUrl, groups, group }: ReferenceProps) =>
  page(
    <Layout title={group ? `${group.tag} · API reference` : "API reference"} shell={shell}>
      {group && (
        <p class="crumbs">
          <a href="/reference">API reference</a>
        </p>
      )}
      <h1>{group ? group.tag : "API reference"}</h1>
      <p class="prose">
        Paths hang below <code>{serverUrl}</code>; send an <a href="/keys">API key</a> as{" "}
        <code>X-Api-Key</code>. Clients of the Postman API work when this is their base URL. The same as{" "}
        <a href="/api/openapi.json">OpenAPI 3.1</a>.
      </p>
      <div class="reference">
        <nav class="groups" aria-label="Groups of endpoints">
          {groups.map(({ tag, slug, operations }) => (
            <a href={`/reference/${slug}`} aria-current={slug === group?.slug ? "page" : undefined}>
              {tag} <span class="dim">{operations.length}</span>
            </a>
          ))}
        </nav>
        <div>
          {group
            ? group.operations.map((operation) => <Operation operation={operation} />)
            : groups.map((one) => <Listing {...one} />)}
        </div>
      </div>
    </Layout>,
  );

function Listing({ tag, slug, operations }: ReferenceGroup) {
  return (
    <section aria-labelledby={`group-${slug}`}>
      <h2 id={`group-${slug}`}>
        <a href={`/reference/${slug}`}>{tag}</a>
      </h2>
      <ul class="plain endpoints">
        {operations.map(({ id, method, path, summary }) => (
          <li>
            <a href={`/reference/${slug}#${id}`}>
              <span class="method">{method}</span> <code>{path}</code>
            </a>{" "}
            <span class="dim">{summary}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Operation({ operation }: { operation: ReferenceOperation }) {
  const { id, method, path, summary, description, parameters, body, answer, status, example } = operation;
  return (
    <section class="operation panel" id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>
        <span class="method">{method}</span> <code>{path}</code>
      </h2>
      <p class="dim">{summary}</p>
      {description !== undefined && <p>{description}</p>}
      <Fields title="Parameters" fields={parameters} />
      <Fields title="Body (JSON)" fields={body} />
      <Fields title={`Answer ${status}`} fields={answer} />
      <pre class="code" tabindex={0}>
        {example}
      </pre>
    </section>
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
