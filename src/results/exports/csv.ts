/** What stands in a cell; null and undefined are an empty one. */
export type Cell = string | number | boolean | Date | null | undefined;

/** Spreadsheets run a text that begins so as a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * A line of CSV by RFC 4180, with its line end. A text that a spreadsheet would run as a formula gets an apostrophe in
 * front; numbers are numbers, negative ones too. Instants are ISO 8601 in UTC.
 */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(cellText).join(",")}\r\n`;

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return "";
  if (cell instanceof Date) return cell.toISOString();
  if (typeof cell !== "string") return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
