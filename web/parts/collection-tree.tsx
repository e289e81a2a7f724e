import { plural } from "../format.ts";

/** A folder or a request in a list, without what is in it. */
export interface TreeNode {
  id: string;
  name: string;
  /** Of folders: how many items are in it. */
  count?: number;
  method?: string;
  url?: string;
  /** Of requests: saved examples. */
  examples?: number;
}

interface TreeProps {
  collectionId: string;
  nodes: TreeNode[];
  /** Page that shows more of the list. */
  next?: string | undefined;
}

export const itemHref = (collectionId: string, itemId: string): string =>
  `/collections/${collectionId}/items/${encodeURIComponent(itemId)}`;

/** One level of a collection: folders are closed, and what is in them comes when they are opened. */
export function CollectionTree({ collectionId, nodes, next }: TreeProps) {
  return (
    <ul class="tree">
      {nodes.map((node) => (
        <li>
          {node.count === undefined ? (
            <RequestLine collectionId={collectionId} node={node} />
          ) : (
            <Folder collectionId={collectionId} node={node} />
          )}
        </li>
      ))}
      {next !== undefined && (
        <li class="more">
          <a href={next}>More of this list</a>
        </li>
      )}
    </ul>
  );
}

function Folder({ collectionId, node }: { collectionId: string; node: TreeNode }) {
  const href = itemHref(collectionId, node.id);
  return (
    <details class="folder">
      <summary>
        {node.name} <span class="dim">{plural(node.count ?? 0, "item")}</span>
      </summary>
      <p class="open-folder">
        <a href={href}>Open this folder</a>
      </p>
      {(node.count ?? 0) > 0 && (
        <div
          class="contents"
          hx-get={`${href}/contents`}
          hx-trigger={'toggle once from:"closest details"'}
          hx-swap="outerHTML"
        />
      )}
    </details>
  );
}

export function RequestLine({ collectionId, node }: { collectionId: string; node: TreeNode }) {
  return (
    <span class="request">
      <Method method={node.method ?? "GET"} />
      {/* Documents that were stored by hand may have elements without ids. */}
      {node.id === "" ? (
        <span class="name">{node.name}</span>
      ) : (
        <a class="name" href={itemHref(collectionId, node.id)}>
          {node.name}
        </a>
      )}
      <code>{node.url ?? ""}</code>
      {(node.examples ?? 0) > 0 && <span class="dim">{plural(node.examples ?? 0, "example")}</span>}
    </span>
  );
}

export const Method = ({ method }: { method: string }) => (
  <span class={`method ${method.toLowerCase().replaceAll(/[^a-z]/g, "")}`}>{method}</span>
);
