import type { Child } from "hono/jsx";

import { plural, withQuery } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { CollectionTree, RequestLine, itemHref, type TreeNode } from "../parts/collection-tree.tsx";
import type { DocumentRow } from "../parts/document-list.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { type MonitorUse, MonitorUses } from "../parts/monitor-uses.tsx";
import {
  Authorization,
  Params,
  type ParamRow,
  Part,
  Scripts,
  type ScriptView,
} from "../parts/request-view.tsx";
import { SavedNotice } from "../parts/saved-notice.tsx";
import { Time } from "../parts/time.tsx";

export interface CollectionHeadProps extends DocumentRow {
  revision: number;
}

interface Found extends TreeNode {
  path: string[];
}

export interface CollectionProps {
  shell: Shell;
  collection: CollectionHeadProps & {
    description: string;
    requestCount: number;
    folderCount: number;
    variables: ParamRow[];
    scripts: ScriptView[];
    auth: { key: string; value: string }[];
  };
  nodes: TreeNode[];
  next?: string | undefined;
  /** What is searched for, and what was found. */
  search: { text: string; found: Found[]; total: number };
  uses: { monitors: MonitorUse[]; total: number };
  /** Revision that has just been saved. */
  saved?: number | undefined;
  /** The person may look and change nothing. */
  isReadOnly?: boolean;
}

export const collectionPage = (props: CollectionProps) => {
  const { shell, collection, isReadOnly, uses, saved } = props;
  const href = `/collections/${collection.id}`;
  return page(
    <Layout title={collection.name} shell={shell} section="collections" editor>
      <Head
        crumbs={collection.workspaceName}
        title={collection.name}
        actions={
          isReadOnly ? undefined : (
            <>
              <a class="button primary" href={`/monitors/new?collection=${collection.id}`}>
                Monitor it
              </a>
              <a class="button" href={`${href}/edit`}>
                Edit
              </a>
              <a class="button" href={`${href}/add`}>
                Add
              </a>
              <a class="button danger" href={`${href}/delete`}>
                Delete
              </a>
            </>
          )
        }
      />
      <SavedNotice href={href} saved={saved} shell={shell} isReadOnly={isReadOnly} />
      <p class="summary">
        {plural(collection.requestCount, "request")}
        <span>{plural(collection.folderCount, "folder")}</span>
        <span class="dim">
          <a href={`${href}/revisions`}>{`revision ${collection.revision}`}</a>
          {", updated "}
          <Time at={collection.updatedAt} now={shell.now} />
        </span>
      </p>
      {collection.description !== "" && <p class="prose">{collection.description}</p>}
      <div class="columns collection">
        <Contents {...props} />
        <aside>
          <section class="panel">
            <h2>Monitors</h2>
            <MonitorUses uses={uses} now={shell.now} csrfToken={isReadOnly ? undefined : shell.csrfToken} />
          </section>
          <section class="panel">
            <h2>Compatibility</h2>
            <div hx-get={`${href}/compatibility`} hx-trigger="load" hx-swap="innerHTML">
              <a href={`${href}/compatibility`}>See what will not behave as in Postman</a>
            </div>
          </section>
        </aside>
      </div>
      <Authorization auth={collection.auth} />
      <Part title="Variables of the collection" isEmpty={collection.variables.length === 0}>
        <Params rows={collection.variables} noun="Variable" />
      </Part>
      <Scripts scripts={collection.scripts} />
    </Layout>,
  );
};

interface HeadProps {
  crumbs: Child;
  title: Child;
  actions?: Child;
}

/** Crumbs, the name and what can be done. */
export function Head({ crumbs, title, actions }: HeadProps) {
  return (
    <div class="head">
      <div>
        <p class="crumbs">
          <a href="/collections">Collections</a> / {crumbs}
        </p>
        <h1>{title}</h1>
      </div>
      {actions && <div class="actions">{actions}</div>}
    </div>
  );
}

function Contents({ collection, nodes, next, search }: CollectionProps) {
  return (
    <section aria-label="Contents">
      <form class="search" method="get" action={`/collections/${collection.id}`} role="search">
        <input
          type="search"
          name="q"
          value={search.text}
          placeholder="Name, method or address"
          aria-label="Search this collection"
        />
        <button type="submit" class="button">
          Search
        </button>
        {search.text !== "" && <a href={`/collections/${collection.id}`}>All</a>}
      </form>
      {search.text !== "" ? (
        <SearchResults collectionId={collection.id} search={search} />
      ) : nodes.length === 0 ? (
        <EmptyState title="No requests yet">
          Upload the collection again from Postman, or{" "}
          <a href={`/collections/${collection.id}/add`}>add a request</a> here.
        </EmptyState>
      ) : (
        <CollectionTree collectionId={collection.id} nodes={nodes} next={next} />
      )}
    </section>
  );
}

function SearchResults({
  collectionId,
  search,
}: {
  collectionId: string;
  search: CollectionProps["search"];
}) {
  const { found, total, text } = search;
  if (total === 0) return <p class="dim">{`Nothing is called “${text}” here.`}</p>;
  return (
    <>
      <ul class="tree">
        {found.map((node) => (
          <li>
            {node.count === undefined ? (
              <RequestLine collectionId={collectionId} node={node} />
            ) : (
              <a href={itemHref(collectionId, node.id)}>{node.name}</a>
            )}
            {node.path.length > 0 && <span class="sub">{node.path.join(" / ")}</span>}
          </li>
        ))}
      </ul>
      {total > found.length && (
        <p class="dim">{`The first ${found.length} of ${total}; more words find fewer.`}</p>
      )}
    </>
  );
}

export const pageOf = (href: string, number: number): string => withQuery(href, { page: String(number) });
