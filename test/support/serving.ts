import { join } from "node:path";

import { temporaryFolder } from "./processes.ts";

/** A data folder that is not there yet. */
export const newDataDir = (): string => join(temporaryFolder(), "data");

/** Arguments of `serve` for a free port and this data folder. */
export const onDataDir = (dataDir: string): string[] => ["--port", "0", "--data-dir", dataDir];

/** Status of an answer; 0 when there is none. */
export const statusOf = async (url: string): Promise<number> => {
  const response = await fetch(url).catch(() => undefined);
  return response?.status ?? 0;
};
