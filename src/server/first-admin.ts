import type { Database } from "../../db/connect.ts";
import { systemActor } from "../access/audit/audit.ts";
import { countUsers, createSetupToken, createUser } from "../access/people/store.ts";
import type { ServeConfig } from "../lib/config.ts";
import { AppError } from "../lib/errors.ts";

/**
 * Lets somebody in on the first start: makes the admin whom the environment names, or returns the token of a one-time
 * set-up link. Undefined when nothing is left to do.
 */
export async function admitFirstAdmin(
  database: Database,
  admin: ServeConfig["admin"],
): Promise<string | undefined> {
  if ((await countUsers(database)) > 0) return undefined;
  if (!admin) return await createSetupToken(database);
  try {
    await createUser(database, systemActor, { ...admin, name: nameOf(admin.email), role: "admin" });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // Another server that started at the same time was first.
    if (error.code === "conflict") return undefined;
    const { message } = error;
    throw new AppError("usage", `APP_ADMIN_EMAIL or APP_ADMIN_PASSWORD cannot be used: ${message}`, {
      cause: error,
    });
  }
  return undefined;
}

const nameOf = (email: string): string => email.split("@")[0] ?? email;
