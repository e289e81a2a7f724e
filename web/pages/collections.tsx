import { plural } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import type { FormErrors } from "../parts/form.tsx";
import { Time } from "../parts/time.tsx";
import { UploadForm } from "../parts/upload-form.tsx";

export interface CollectionRow {
  id: string;
  name: string;
  workspaceName: string;
  updatedAt: Date;
}

export interface CollectionsProps {
  shell: Shell;
  rows: CollectionRow[];
  upload: { text: string; workspaceId?: string | undefined; errors?: FormErrors };
}

export const collectionsPage = ({ shell, rows, upload }: CollectionsProps) =>
  page(
    <Layout title="Collections" shell={shell} section="collections">
      <div class="head">
        <h1>Collections</h1>
      </div>
      <div class="columns">
        <div>
          {rows.length === 0 ? (
            <EmptyState title="No collections yet">
              Export a collection from Postman (v2.1) and upload the file here. It is kept exactly as it is.
            </EmptyState>
          ) : (
            <table class="list">
              <thead>
                <tr>
                  <th scope="col">Collection</th>
                  <th scope="col">Workspace</th>
                  <th scope="col">Updated</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr>
                    <td class="name">
                      <a href={`/collections/${row.id}`}>{row.name}</a>
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
          action="/collections"
          noun="collection"
          hint="A Postman Collection v2.1 or v2.0 as JSON."
          {...upload}
        />
      </div>
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
  collection: CollectionRow & { description: string; requestCount: number; revision: number };
  items: TreeItem[];
}

export const collectionPage = ({ shell, collection, items }: CollectionProps) =>
  page(
    <Layout title={collection.name} shell={shell} section="collections">
      <div class="head">
        <div>
          <p class="crumbs">
            <a href="/collections">Collections</a> / {collection.workspaceName}
          </p>
          <h1>{collection.name}</h1>
        </div>
        <div class="actions">
          <a class="button primary" href={`/monitors/new?collection=${collection.id}`}>
            Monitor it
          </a>
          <a class="button danger" href={`/collections/${collection.id}/delete`}>
            Delete
          </a>
        </div>
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
