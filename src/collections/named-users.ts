import { and, inArray, isNull } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { users } from "../../db/schema.ts";

/** Those of the ids that are users still, with what their rights rest on. */
export const listUsers = (
  { db }: Database,
  ids: readonly number[],
): Promise<Pick<typeof users.$inferSelect, "id" | "email" | "name" | "role">[]> =>
  ids.length === 0
    ? Promise.resolve([])
    : db
        .select({ id: users.id, email: users.email, name: users.name, role: users.role })
        .from(users)
        .where(and(inArray(users.id, [...ids]), isNull(users.deactivatedAt)));
