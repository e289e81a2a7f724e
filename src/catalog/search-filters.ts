import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";

import { bareId } from "../lib/ids.ts";
import { badRequest } from "./problem-request.ts";

/** What can be searched for; there are no flows and no documents here, so those find nothing. */
export const elementTypes = [
  "requests",
  "collections",
  "workspaces",
  "specs",
  "flows",
  "environments",
  "mocks",
  "documents",
] as const;
export type ElementType = (typeof elementTypes)[number];

const text = z.string().min(1).max(200);
const texts = z.array(text).min(1).max(100);
const one = <T extends z.ZodType>(value: T) =>
  z.union([z.strictObject({ $eq: value }), z.strictObject({ $ne: value })]);
const some = z.union([one(text), z.strictObject({ $in: texts }), z.strictObject({ $nin: texts })]);
const flag = one(z.boolean());

const conditions = {
  workspaceId: some,
  collectionId: some,
  visibility: one(z.enum(["public", "partner", "internal"])),
  privateNetwork: flag,
  publisherIsVerified: flag,
  isGitConnected: flag,
  method: some,
  tags: some,
  requestId: some,
  specificationId: some,
  flowId: some,
  documentId: some,
  createdBy: some,
  organizationId: some,
  teamId: some,
  type: some,
};
type Field = keyof typeof conditions;

const condition = z
  .strictObject(conditions)
  .partial()
  .refine((fields) => Object.keys(fields).length === 1, "must hold exactly one field");

/** Body of `POST /search`. */
export const searchBody = z.object({
  elementType: z.enum(elementTypes),
  q: z.string().max(512).optional(),
  ownership: z.enum(["organization", "external", "all"]).default("organization"),
  filters: z.strictObject({ $and: z.array(condition).min(1).max(50) }).optional(),
  cursor: z.string().max(100).optional(),
});
export type SearchBody = z.infer<typeof searchBody>;
type Operators = Partial<Record<"$eq" | "$ne" | "$in" | "$nin", string | boolean | string[]>>;

/** What a field is compared with: a value that is the same for all, a column, or a list (true for any member). */
export type Comparable = { all: string | boolean } | { column: SQL } | { members: SQL };
export type Comparables = Partial<Record<Field, Comparable>>;

/** Holds of every element of an installation of one's own. */
export const sharedComparables: Comparables = {
  privateNetwork: { all: false },
  publisherIsVerified: { all: false },
  isGitConnected: { all: false },
  organizationId: { all: "1" },
  teamId: { all: "1" },
};

const idFields: ReadonlySet<Field> = new Set(["workspaceId", "collectionId", "requestId", "specificationId"]);

/** Two combinations that the Postman API refuses, in its words. */
export function refuseContradictions({ ownership, filters }: SearchBody): void {
  for (const { visibility, privateNetwork } of filters?.$and ?? []) {
    if (ownership === "external" && valueOf(visibility) === "internal") {
      throw badRequest("ownership=external cannot be combined with visibility=internal");
    }
    if (ownership !== "organization" && valueOf(privateNetwork) === true) {
      throw badRequest("privateNetwork=true can only be used with ownership=organization");
    }
  }
}

const valueOf = (operators: Operators | undefined) => operators?.$eq;

/** The filters as conditions; 400 for a field that such elements do not have. */
export function toConditions({ elementType, filters }: SearchBody, comparables: Comparables): SQL[] {
  return (filters?.$and ?? []).flatMap((fields) =>
    Object.entries(fields).flatMap(([name, operators]) => {
      if (!operators) return [];
      // The schema has no other keys.
      const field = name as Field;
      const comparable = comparables[field];
      if (!comparable) {
        throw badRequest(`/filters/$and/${field} cannot be used with elementType ${elementType}`);
      }
      return [toCondition(field, comparable, operators)];
    }),
  );
}

function toCondition(field: Field, comparable: Comparable, operators: Operators): SQL {
  const [[operator, wanted] = ["$in", []]] = Object.entries(operators);
  const isNegative = operator === "$ne" || operator === "$nin";
  const values = [wanted].flat().map((value) => normalize(field, value));
  const holds = compare(comparable, values);
  return isNegative ? sql`not coalesce(${holds}, false)` : holds;
}

/** Ids are compared bare and in lower case, methods in upper case. */
function normalize(field: Field, value: string | boolean): string | boolean {
  if (typeof value === "boolean") return value;
  if (idFields.has(field)) return bareId(value) ?? value;
  return field === "method" ? value.toUpperCase() : value;
}

function compare(comparable: Comparable, values: (string | boolean)[]): SQL {
  if ("all" in comparable) return values.includes(comparable.all) ? sql`true` : sql`false`;
  const list = sql.join(
    values.map((value) => sql`${value}`),
    sql`, `,
  );
  if ("column" in comparable) return sql`${comparable.column} in (${list})`;
  return sql`exists (select 1 from ${comparable.members} m(value) where m.value in (${list}))`;
}
