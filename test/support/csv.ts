// Version 1 comes without types for its reader in one call; it is the one that scripts get.
// @ts-expect-error -- see above
import parse from "csv-parse/lib/sync.js";

/** Lines of cells, read by a package that others wrote; throws where it is no CSV. */
export const readCsv = (text: string): string[][] =>
  // Without options that change it, the package gives lists of texts.
  parse(text, { relax_column_count: false }) as string[][];

/** Rows by the names of the first line. */
export const readCsvRows = (text: string): Record<string, string>[] =>
  // With `columns`, the package gives one object for each line.
  parse(text, { columns: true }) as Record<string, string>[];
