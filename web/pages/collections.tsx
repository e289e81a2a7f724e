import { plural } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { DocumentList, type DocumentListProps, type DocumentRow } from "../parts/document-list.tsx";
import { Time } from "../parts/time.tsx";

export const collectionsPage = (props: DocumentListProps) =>
  page(
    <Layout title="Collections" shell={props.shell} section="collections">
      <div class="head">
        <h1>Collections</h1>
      </div>
      <DocumentList
        {...props}
        noun="collection"
        hint="A Postman collection of any version, a data dump or zip file with some, or OpenAPI as JSON or YAML."
      >
        Export a collection from Postman (v2.1) and upload the file here: it is kept exactly as it is. Other
        formats, and OpenAPI documents, become collections v2.1.
      </DocumentList>
    </Layout>,
  );

/** A folder or a request of a collection. */
export interface TreeItem {
  name: string;
  method?: string | undefined;
  url?: string | undefined;
  /** Present for folders. */
  items?: TreeItem[] | undefined;
}

export interface CollectionProps {
  shell: Shell;
  collection: DocumentRow & { description: string; requestCount: number; revision: number };
  items: TreeItem[];
  /** The person may look and change nothing. */
  isReadOnly?: boolean;
}

export const collectionPage = ({ shell, collection, items, isReadOnly }: CollectionProps) =>
  page(
    <Layout title={collection.name} shell={shell} section="collections">
      <div class="head">
        <div>
          <p class="crumbs">
            <a href="/collections">Collections</a> / {collection.workspaceName}
          </p>
          <h1>{collection.name}</h1>
        </div>
        {!isReadOnly && (
          <div class="actions">
            <a class="button primary" href={`/monitors/new?collection=${collection.id}`}>
              Monitor it
            </a>
            <a class="button danger" href={`/collections/${collection.id}/delete`}>
              Delete
            </a>
          </div>
        )}
      </div>
      <p class="summary">
        {plural(collection.requestCount, "request")}
        <span class="dim">
          {`revision ${collection.revision}, updated `}
          <Time at={collection.updatedAt} now={shell.now} />
        </span>
      </p>
      {collection.description !== "" && <p class="prose">{collection.description}</p>}
      {items.length === 0 ? <p class="dim">This collection has no requests.</p> : <Tree items={items} />}
    </Layout>,
  );

function Tree({ items }: { items: TreeItem[] }) {
  return (
    <ul class="tree">
      {items.map((item) => (
        <li>
          {item.items ? (
            <details open>
              <summary>
                {item.name} <span class="dim">{plural(item.items.length, "item")}</span>
              </summary>
              <Tree items={item.items} />
            </details>
          ) : (
            <span class="request">
              <span class={`method ${(item.method ?? "get").toLowerCase()}`}>{item.method ?? "GET"}</span>
              <span class="name">{item.name}</span>
              <code>{item.url ?? ""}</code>
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
