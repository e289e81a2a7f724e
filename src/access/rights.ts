import { AppError } from "../lib/errors.ts";
import type { Actor } from "./context.ts";

/** What a narrowed API key can be given: `<area>:read` and `<area>:write`, independent of each other. */
export const areas = [
  "workspaces",
  "collections",
  "environments",
  "monitors",
  "runs",
  "runners",
  "mocks",
  "webhooks",
  "alerts",
  "specs",
  "status",
  "catalog",
  "search",
  "keys",
  "users",
  "audit",
] as const;
export type Area = (typeof areas)[number];
export type Access = "read" | "write";

export const isScope = (text: string): boolean =>
  areas.some((area) => text === `${area}:read` || text === `${area}:write`);

/** The right that a request below `/api` needs; undefined for an area that no scope can open. */
export function neededScope(method: string, path: string): { area: Area; access: Access } | undefined {
  const segments = path.split("/").filter((segment) => segment !== "");
  // Texts about elements need what the elements need.
  const [first, , third] = segments[0] === "context" ? segments.slice(1) : segments;
  const access: Access = method === "GET" || method === "HEAD" ? "read" : "write";
  const inner = innerAreas.get(`${first}/${third}`);
  if (inner) return { area: inner, access };
  // Its question is a body; it changes nothing.
  if (first === "search") return { area: "search", access: "read" };
  const area = areas.find((known) => known === (otherNames.get(first ?? "") ?? first));
  return area && { area, access };
}

/** First and third part of paths whose area is not that of the first. */
const innerAreas: ReadonlyMap<string, Area> = new Map([
  ["monitors/run", "runs"],
  ["monitors/runs", "runs"],
  ["monitors/steps", "runs"],
  ["monitors/executions", "runs"],
  // They hold values as environments do, secrets among them.
  ["workspaces/global-variables", "environments"],
  ["workspaces/environments", "environments"],
  // Who may do what in a workspace is about people.
  ["workspaces/roles", "users"],
]);

/** Paths that are not called like their area. */
const otherNames: ReadonlyMap<string, Area> = new Map([
  ["alert-channels", "alerts"],
  ["alert-deliveries", "alerts"],
  ["alert-mutes", "alerts"],
  ["alert-rules", "alerts"],
  ["alert-summaries", "alerts"],
  ["api-catalog", "catalog"],
  ["apis", "specs"],
  ["audit-actions", "audit"],
  ["collection-access-keys", "collections"],
  ["collection-duplicate-tasks", "collections"],
  ["collection-folders-transfers", "collections"],
  ["collection-merges", "collections"],
  ["collection-merges-tasks", "collections"],
  ["collection-requests-transfers", "collections"],
  ["collection-responses-transfers", "collections"],
  ["collection-updates-tasks", "collections"],
  ["collectionruns", "runs"],
  ["comments-resolutions", "collections"],
  ["import", "collections"],
  ["groups", "users"],
  ["instructions", "catalog"],
  ["invitations", "users"],
  ["maintenance-windows", "alerts"],
  ["pull-requests", "collections"],
  ["status-pages", "status"],
  ["tags", "workspaces"],
  ["teams", "users"],
  ["workspaces-roles", "users"],
]);

/** Throws 403 unless the actor's key has the scope; a key without scopes may do what its owner may do. */
export function requireScope(actor: Actor, area: Area, access: Access): void {
  if (hasScope(actor, area, access)) return;
  throw forbidden(`This API key lacks the scope "${area}:${access}".`);
}

/** Whether the actor's key reaches so far, for answers that leave out what it does not reach. */
export const hasScope = (actor: Actor, area: Area, access: Access): boolean =>
  actor.scopes === null || actor.scopes.includes(`${area}:${access}`);

/** For what only admins do: runners, users, keys of others. Throws 403. */
export function requireAdmin(actor: Actor): void {
  if (actor.role !== "admin") throw forbidden("You are not authorized to perform this action");
}

/** People manage their own keys; admins everybody's. */
export function requireKeyOwnerOrAdmin(actor: Actor, ownerId: number): void {
  if (actor.userId !== ownerId) requireAdmin(actor);
}

export const forbidden = (message: string): AppError =>
  new AppError("forbidden", message, { name: "forbiddenError" });
