import { withQuery } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import type { InheritedAuth } from "../parts/auth-fields.tsx";
import { CollectionTree, itemHref, Method, type TreeNode } from "../parts/collection-tree.tsx";
import { type MonitorUse, MonitorUses } from "../parts/monitor-uses.tsx";
import {
  Authorization,
  Params,
  type ParamRow,
  Part,
  RequestParts,
  type RequestView,
  Scripts,
  type ScriptView,
} from "../parts/request-view.tsx";
import { SavedNotice } from "../parts/saved-notice.tsx";
import { type CollectionHeadProps, Head } from "./collection.tsx";

export interface ItemProps {
  shell: Shell;
  collection: CollectionHeadProps;
  ancestors: { id: string; name: string }[];
  item: { id: string; name: string };
  content: { request: RequestView } | { folder: FolderView };
  /** The authorization around it. */
  inherited: InheritedAuth;
  uses: { monitors: MonitorUse[]; total: number };
  saved?: number | undefined;
  isReadOnly?: boolean;
}

export interface FolderView {
  description: string;
  nodes: TreeNode[];
  next?: string | undefined;
  variables: ParamRow[];
  scripts: ScriptView[];
  auth: { key: string; value: string }[];
}

/** A folder or a request of a collection. */
export const itemPage = (props: ItemProps) => {
  const { shell, collection, ancestors, item, content, inherited, uses, saved, isReadOnly } = props;
  const here = itemHref(collection.id, item.id);
  return page(
    <Layout title={item.name} shell={shell} section="collections" editor>
      <Head
        crumbs={<ItemCrumbs collection={collection} ancestors={ancestors} />}
        title={item.name}
        actions={
          isReadOnly ? undefined : (
            <ItemActions
              here={here}
              add={"folder" in content ? addHref(collection.id, item.id) : undefined}
            />
          )
        }
      />
      <SavedNotice
        href={`/collections/${collection.id}`}
        saved={saved}
        shell={shell}
        isReadOnly={isReadOnly}
      />
      {"request" in content ? (
        <>
          <p class="address">
            <Method method={content.request.method} /> <code>{content.request.url}</code>
          </p>
          <RequestParts request={content.request} inherited={inherited} />
        </>
      ) : (
        <Folder collectionId={collection.id} folder={content.folder} inherited={inherited} />
      )}
      {uses.total > 0 && (
        <section class="part">
          <h2>Monitors that run this collection</h2>
          <MonitorUses uses={uses} now={shell.now} csrfToken={isReadOnly ? undefined : shell.csrfToken} />
        </section>
      )}
    </Layout>,
  );
};

const addHref = (collectionId: string, folderId: string): string =>
  withQuery(`/collections/${collectionId}/add`, { in: folderId });

/** What can be done to a folder or a request. */
const ItemActions = ({ here, add }: { here: string; add: string | undefined }) => (
  <>
    <a class="button primary" href={`${here}/edit`}>
      Edit
    </a>
    {add !== undefined && (
      <a class="button" href={add}>
        Add
      </a>
    )}
    <a class="button" href={`${here}/duplicate`}>
      Duplicate
    </a>
    <a class="button" href={`${here}/move`}>
      Move
    </a>
    <a class="button danger" href={`${here}/delete`}>
      Delete
    </a>
  </>
);

/** The collection and the folders around an item, as links. */
export function ItemCrumbs({
  collection,
  ancestors,
}: Pick<ItemProps, "ancestors"> & { collection: { id: string; name: string } }) {
  return (
    <>
      <a href={`/collections/${collection.id}`}>{collection.name}</a>
      {ancestors.map(({ id, name }) => (
        <>
          {" / "}
          <a href={itemHref(collection.id, id)}>{name}</a>
        </>
      ))}
    </>
  );
}

function Folder({
  collectionId,
  folder,
  inherited,
}: {
  collectionId: string;
  folder: FolderView;
  inherited: InheritedAuth;
}) {
  return (
    <>
      {folder.description !== "" && <p class="prose">{folder.description}</p>}
      {folder.nodes.length === 0 ? (
        <p class="dim">There is nothing in this folder.</p>
      ) : (
        <CollectionTree collectionId={collectionId} nodes={folder.nodes} next={folder.next} />
      )}
      <Authorization auth={folder.auth} inherited={inherited} />
      <Part title="Variables of the folder" isEmpty={folder.variables.length === 0}>
        <Params rows={folder.variables} noun="Variable" />
      </Part>
      <Scripts scripts={folder.scripts} />
    </>
  );
}
