import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startTarget, type Target } from "../../support/target.ts";

/** A folder of its own and an API under test. */
export interface Place {
  folder: string;
  target: Target;
  /** Writes a file, JSON unless it is text, and gives its path. */
  file: (name: string, content: unknown) => Promise<string>;
  leave: () => Promise<void>;
}

export async function openPlace(): Promise<Place> {
  const target = startTarget();
  const folder = await mkdtemp(join(tmpdir(), "collection-test-"));
  return {
    folder,
    target,
    file: async (name, content) => {
      const path = join(folder, name);
      await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
      return path;
    },
    leave: async () => {
      await target.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const collectionOf = (...item: object[]) => ({
  info: {
    _postman_id: "c0ffee00-0000-4000-8000-000000000000",
    name: "Echoes & <others>",
    schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
  },
  item,
});

export const testScript = (...exec: string[]) => [{ listen: "test", script: { exec } }];
