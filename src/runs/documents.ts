import { eq } from "drizzle-orm";

import { collections, environments } from "../../db/schema.ts";
import type { Deps } from "../access/context.ts";

type DocumentDeps = Pick<Deps, "database" | "secretBox">;

export async function loadCollectionForRun({ database }: DocumentDeps, id: string) {
  const [row] = await database.db.select().from(collections).where(eq(collections.id, id));
  if (!row) throw new Error(`collection ${id} is gone`);
  return row.document;
}

export async function loadEnvironmentForRun({ database, secretBox }: DocumentDeps, id: string) {
  const [row] = await database.db.select().from(environments).where(eq(environments.id, id));
  if (!row) throw new Error(`environment ${id} is gone`);
  const values = row.values.map((variable) => {
    const value = variable["value"];
    const isSealed = typeof value === "object" && value !== null && "$sealed" in value;
    return isSealed ? { ...variable, value: secretBox.open(String(value.$sealed)) } : variable;
  });
  return { id: row.id, name: row.name, values };
}
