import { createHash } from "node:crypto";

import type { StatusView } from "../../web/pages/status-view.ts";
import type { Deps } from "../access/context.ts";
import { rememberPastDays } from "./past-days.ts";
import { findPageBySlug, type StatusPage } from "./store.ts";
import { loadView } from "./view.ts";

/** What a page told is told again for so long: a crowd costs what one reader does. */
export const FRESH_MS = 5_000;
/** Addresses that are remembered, those without a page included. */
const MAX_REMEMBERED = 500;
/** Forms of one page: the page itself, its pages of history, its badges. */
const MAX_FORMS = 250;
/** Smaller answers gain nothing. */
const MIN_PACKED_BYTES = 1_000;

export interface Rendered {
  contentType: string;
  etag: string;
  bytes: Uint8Array<ArrayBuffer>;
  /** Absent where it would not be smaller. */
  gzipped?: Uint8Array<ArrayBuffer>;
}

/** A page as it was a moment ago. */
export interface Snapshot {
  page: StatusPage;
  view: StatusView;
  /** The form of this name; `draw` is called once for all who ask while it is fresh. */
  form(name: string, contentType: string, draw: () => string | Promise<string>): Promise<Rendered>;
}

export interface StatusAnswers {
  /** Undefined when there is no such page. Callers check who may read it. */
  find(slug: string): Promise<Snapshot | undefined>;
  /** After a change by this server; the others see it after `FRESH_MS`. */
  forget(): void;
}

type AnswerDeps = Pick<Deps, "database" | "clock">;

const known = new WeakMap<Deps["database"], StatusAnswers>();

/** One memory for all routes of a server. */
export function statusAnswers(deps: AnswerDeps): StatusAnswers {
  const answers = known.get(deps.database) ?? createAnswers(deps);
  known.set(deps.database, answers);
  return answers;
}

function createAnswers(deps: AnswerDeps): StatusAnswers {
  const remembered = new Map<string, { until: number; snapshot: Promise<Snapshot | undefined> }>();

  const count = rememberPastDays(deps);

  const load = async (slug: string): Promise<Snapshot | undefined> => {
    const page = await findPageBySlug(deps.database, slug);
    return page && createSnapshot(page, await loadView(deps, page, count));
  };

  return {
    find(slug) {
      const now = deps.clock.now().getTime();
      const last = remembered.get(slug);
      if (last && last.until > now) return last.snapshot;
      const snapshot = load(slug);
      const entry = { until: now + FRESH_MS, snapshot };
      // A failure is nothing to remember: the next reader asks again.
      snapshot.catch(() => remembered.get(slug) === entry && remembered.delete(slug));
      remembered.delete(slug);
      remembered.set(slug, entry);
      dropOldest(remembered, MAX_REMEMBERED);
      return snapshot;
    },
    forget: () => remembered.clear(),
  };
}

function createSnapshot(page: StatusPage, view: StatusView): Snapshot {
  const forms = new Map<string, Promise<Rendered>>();
  return {
    page,
    view,
    form(name, contentType, draw) {
      const last = forms.get(name);
      if (last) return last;
      const drawn = render(contentType, draw);
      drawn.catch(() => forms.delete(name));
      forms.set(name, drawn);
      dropOldest(forms, MAX_FORMS);
      return drawn;
    },
  };
}

async function render(contentType: string, draw: () => string | Promise<string>): Promise<Rendered> {
  const bytes = new TextEncoder().encode(await draw());
  const etag = `W/"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
  if (bytes.byteLength < MIN_PACKED_BYTES) return { contentType, etag, bytes };
  return { contentType, etag, bytes, gzipped: Bun.gzipSync(bytes) };
}

/** A map keeps the order in which it was filled. */
function dropOldest(map: Map<string, unknown>, limit: number): void {
  for (const name of map.keys()) {
    if (map.size <= limit) return;
    map.delete(name);
  }
}
