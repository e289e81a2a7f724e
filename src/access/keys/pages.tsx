import { type Context, Hono } from "hono";

import { withQuery } from "../../../web/format.ts";
import { keyPage } from "../../../web/pages/key.tsx";
import { keysPage, type KeysProps } from "../../../web/pages/keys.tsx";
import { decodeCursor, decodeNumber, encodeCursor, encodeNumber } from "../../lib/cursor.ts";
import type { AppEnv, Deps } from "../context.ts";
import { noStore, readForm, type SentForm } from "../pages-form.ts";
import { accessShell } from "../pages-shell.ts";
import { areas, requireAdmin } from "../rights.ts";
import { keyIdOf } from "./api.ts";
import { listCalls } from "./calls-store.ts";
import { createApiKey, getApiKey, pageOfApiKeys, renameApiKey, revokeApiKey } from "./store.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const PER_PAGE = 100;

type PagesDeps = Pick<Deps, "database" | "clock">;

/** `/keys`: people see and make their own keys, admins see everybody's, and what each of them did. */
export function keyPages(deps: PagesDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.route("/", listPages(deps));
  routes.route("/", onePages(deps));
  return routes;
}

const emptyForm: KeysProps["values"] = { name: "", expires: "90", rights: "all", scopes: [] };

function listPages(deps: PagesDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  const show = async (c: Context<AppEnv>, change: Partial<KeysProps>, status: 200 | 400 = 200) => {
    const { userId, role } = c.get("actor");
    const isAll = role === "admin" && c.req.query("of") === "all";
    const { keys, next } = await pageOfApiKeys(deps.database, {
      userId: isAll ? undefined : userId,
      after: decodeCursor(c.req.query("cursor") ?? ""),
      order: "desc",
      limit: PER_PAGE,
    });
    const props: KeysProps = {
      shell: accessShell(c, deps),
      rows: keys,
      isAll,
      areas,
      next: next && withQuery("/keys", { of: isAll ? "all" : undefined, cursor: encodeCursor(next) }),
      values: emptyForm,
    };
    return c.html(keysPage({ ...props, ...change }), status, noStore);
  };

  routes.get("/keys", (c) => show(c, {}));

  // Answers with the page itself: after a redirect the key could not be shown any more.
  routes.post("/keys", async (c) => {
    const actor = c.get("actor");
    const values = valuesOf(await readForm(c));
    const errors = errorsOf(values);
    if (errors) return show(c, { values, errors }, 400);
    const expiresAt = expiryOf(values.expires, deps.clock.now());
    const created = await createApiKey(deps.database, actor, {
      userId: actor.userId,
      name: values.name,
      scopes: values.rights === "some" ? values.scopes : null,
      ...(expiresAt && { expiresAt }),
    });
    return show(c, { created });
  });

  return routes;
}

const valuesOf = (form: SentForm): KeysProps["values"] => ({
  name: form.text("name"),
  expires: form.text("expires"),
  rights: form.text("rights") === "some" ? "some" : "all",
  scopes: form.list("scopes"),
});

function errorsOf({ name, rights, scopes }: KeysProps["values"]): Record<string, string> | undefined {
  if (name === "") return { name: "Say what the key is for." };
  if (rights === "some" && scopes.length === 0) {
    return { scopes: "Check at least one: a key that may do nothing is of no use." };
  }
  return undefined;
}

function expiryOf(days: string, now: Date): Date | undefined {
  const count = Number(days);
  return days !== "" && Number.isInteger(count) && count > 0 && count <= 3650
    ? new Date(now.getTime() + count * DAY_MS)
    : undefined;
}

/** In the place of an id: calls without a key that is known. */
const UNKNOWN = "unknown";

function onePages(deps: PagesDeps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  const show = async (c: Context<AppEnv>, errors?: Record<string, string>) => {
    const id = c.req.param("id") === UNKNOWN ? null : keyIdOf(c);
    if (id === null) requireAdmin(c.get("actor"));
    const row = id === null ? undefined : await getApiKey(database, c.get("actor"), id);
    const onlyDenied = c.req.query("decision") === "denied";
    const found = await listCalls(database, {
      keyId: id,
      decision: onlyDenied ? "denied" : undefined,
      beforeId: decodeNumber(c.req.query("cursor") ?? ""),
      limit: PER_PAGE + 1,
    });
    const calls = found.slice(0, PER_PAGE);
    const last = found.length > PER_PAGE ? calls.at(-1) : undefined;
    const next = last && encodeNumber(last.id);
    const shell = accessShell(c, deps);
    return c.html(keyPage({ shell, row, calls, onlyDenied, next, errors }), errors ? 400 : 200, noStore);
  };

  routes.get("/keys/:id", (c) => show(c));

  routes.post("/keys/:id", async (c) => {
    const id = keyIdOf(c);
    const name = (await readForm(c)).text("name");
    if (name === "") return show(c, { name: "Say what the key is for." });
    await renameApiKey(database, c.get("actor"), id, name.slice(0, 100));
    return c.redirect(`/keys/${id}`, 303);
  });

  routes.post("/keys/:id/revoke", async (c) => {
    await revokeApiKey(database, c.get("actor"), keyIdOf(c));
    return c.redirect("/keys", 303);
  });

  return routes;
}
