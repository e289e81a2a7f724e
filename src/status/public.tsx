import { type Context, Hono, type Next } from "hono";

import { statusHistoryPage } from "../../web/pages/status-history.tsx";
import { statusPage, StatusRegion } from "../../web/pages/status.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { findWorkspaceRole } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { type Rendered, type Snapshot, statusAnswers } from "./answers.ts";
import { entryBadge, pageBadge } from "./badge.ts";
import { incidentFeed } from "./feed.ts";
import { listIncidents } from "./incidents-store.ts";
import { slugField } from "./page.ts";
import { statusJson } from "./status-json.ts";
import { toShown } from "./view.ts";

const HISTORY_PER_PAGE = 20;
const MAX_HISTORY_PAGES = 50;
const FEED_LENGTH = 50;

type ReaderDeps = Pick<Deps, "database" | "clock" | "publicUrl">;

/**
 * `/status/:slug` of public pages, for anybody: no session is looked at and no cookie set. Anything else goes on to the door
 * of the pages, so that a stranger cannot tell a private page from none.
 */
export const publicStatus = (deps: ReaderDeps): Hono<AppEnv> =>
  statusReaders(deps, {
    headers: (maxAgeSeconds) => ({ "cache-control": `public, max-age=${maxAgeSeconds}` }),
    admits: async (_, { page }) => page.visibility === "public",
    refuse: (_, next) => next(),
  });

/** The same behind a session: for people with a role in the workspace of a private page. */
export const privateStatus = (deps: ReaderDeps): Hono<AppEnv> =>
  statusReaders(deps, {
    headers: () => ({ "cache-control": "private, no-cache" }),
    admits: async (c, { page }) =>
      page.visibility === "public" ||
      (await findWorkspaceRole(deps.database.db, c.get("actor"), page.workspaceId)) !== undefined,
    refuse: () => {
      throw notFound();
    },
  });

interface Door {
  headers(maxAgeSeconds: number): Record<string, string>;
  admits(c: Context<AppEnv>, snapshot: Snapshot): Promise<boolean>;
  refuse(c: Context<AppEnv>, next: Next): Promise<void>;
}

interface Form {
  name: string;
  contentType: string;
  maxAgeSeconds: number;
  draw: () => string | Promise<string>;
}

const HTML = "text/html; charset=utf-8";
const SVG = "image/svg+xml; charset=utf-8";
const ATOM = "application/atom+xml; charset=utf-8";
const JSON_TYPE = "application/json; charset=utf-8";

function statusReaders(deps: ReaderDeps, door: Door): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  /** `choose` returns undefined for what the page does not have. */
  const answering =
    (choose: (snapshot: Snapshot, c: Context<AppEnv>) => Form | undefined) =>
    async (c: Context<AppEnv>, next: Next): Promise<Response | void> => {
      const slug = (c.req.param("slug") ?? "").replace(/\.json$/, "");
      const snapshot = slugField.safeParse(slug).success ? await statusAnswers(deps).find(slug) : undefined;
      if (!snapshot || !(await door.admits(c, snapshot))) return door.refuse(c, next);
      const form = choose(snapshot, c);
      if (!form) throw notFound();
      const rendered = await snapshot.form(form.name, form.contentType, form.draw);
      return send(c, rendered, door.headers(form.maxAgeSeconds));
    };

  routes.get(
    "/status/:slug{.+\\.json}",
    answering(({ view }) => ({
      name: "json",
      contentType: JSON_TYPE,
      maxAgeSeconds: 5,
      draw: () => JSON.stringify(statusJson(view, deps.publicUrl)),
    })),
  );

  routes.get(
    "/status/:slug",
    answering(({ view }, c) =>
      c.req.header("hx-request") === "true"
        ? html("region", () => markup(<StatusRegion {...view} />))
        : html("page", () => markup(statusPage(view))),
    ),
  );

  routes.get(
    "/status/:slug/history",
    answering((snapshot, c) => {
      const number = Number(c.req.query("page") ?? "1");
      if (!Number.isInteger(number) || number < 1 || number > MAX_HISTORY_PAGES) return undefined;
      return html(`history ${number}`, () => drawHistory(deps, snapshot, number));
    }),
  );

  routes.get(
    "/status/:slug/feed.atom",
    answering(({ page, view }) => ({
      name: "feed",
      contentType: ATOM,
      maxAgeSeconds: 60,
      draw: async () => {
        const found = await listIncidents(deps.database, page.id, { limit: FEED_LENGTH });
        const { publicUrl } = deps;
        return incidentFeed({
          page: view.page,
          incidents: found.map(toShown),
          publicUrl,
          changedAt: page.createdAt,
        });
      },
    })),
  );

  routes.get(
    "/status/:slug/badge.svg",
    answering(({ view }) => badge("badge", () => pageBadge(view))),
  );

  routes.get(
    "/status/:slug/badge/:file{.+\\.svg}",
    answering(({ view }, c) => {
      const id = (c.req.param("file") ?? "").replace(/\.svg$/, "");
      const entry = isUuid(id) && view.groups.flatMap(({ entries }) => entries).find((one) => one.id === id);
      return entry ? badge(`badge ${id}`, () => entryBadge(entry)) : undefined;
    }),
  );

  return routes;
}

const html = (name: string, draw: Form["draw"]): Form => ({
  name,
  contentType: HTML,
  maxAgeSeconds: 5,
  draw,
});
const badge = (name: string, draw: Form["draw"]): Form => ({
  name,
  contentType: SVG,
  maxAgeSeconds: 60,
  draw,
});

/** Markup of ours waits for nothing. */
const markup = (drawn: { toString(): string } | Promise<{ toString(): string }>): Promise<string> =>
  Promise.resolve(drawn).then((text) => text.toString());

async function drawHistory(
  { database }: ReaderDeps,
  { page, view }: Snapshot,
  number: number,
): Promise<string> {
  const found = await listIncidents(database, page.id, {
    limit: HISTORY_PER_PAGE + 1,
    offset: (number - 1) * HISTORY_PER_PAGE,
  });
  const path = `/status/${page.slug}/history`;
  const hasNext = found.length > HISTORY_PER_PAGE && number < MAX_HISTORY_PAGES;
  return markup(
    statusHistoryPage({
      page: view.page,
      incidents: found.slice(0, HISTORY_PER_PAGE).map(toShown),
      previous: number > 1 ? `${path}?page=${number - 1}` : undefined,
      next: hasNext ? `${path}?page=${number + 1}` : undefined,
    }),
  );
}

function send(
  c: Context<AppEnv>,
  { contentType, etag, bytes, gzipped }: Rendered,
  caching: Record<string, string>,
) {
  const headers: Record<string, string> = {
    ...caching,
    etag,
    vary: "accept-encoding, hx-request",
    // Badges, feed and JSON are made to be read from other sites; what is private is kept by its session.
    ...(!contentType.startsWith("text/html") && { "cross-origin-resource-policy": "cross-origin" }),
  };
  if (c.req.header("if-none-match") === etag) return c.body(null, 304, headers);
  const takesGzip = /\bgzip\b/.test(c.req.header("accept-encoding") ?? "");
  return takesGzip && gzipped
    ? c.body(gzipped, 200, { ...headers, "content-type": contentType, "content-encoding": "gzip" })
    : c.body(bytes, 200, { ...headers, "content-type": contentType });
}

const notFound = () =>
  new AppError("not_found", "There is no such status page, or it is one that you may not see.");
