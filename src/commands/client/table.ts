import { forTerminal } from "../collection/reporters/format.ts";

/** Left-aligned columns for a person; the header is the first row. */
export function formatTable(cells: string[][]): string {
  const rows = cells.map((row) => row.map((cell) => forTerminal(cell.replaceAll(/\s+/g, " "))));
  const [header = []] = rows;
  const widths = header.map((_, column) => Math.max(...rows.map((row) => displayWidth(row[column] ?? ""))));
  return rows
    .map((row) =>
      row
        .map((cell, column) => padTo(cell, widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const displayWidth = (text: string): number => Bun.stringWidth(text);

const padTo = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - displayWidth(text)));

/** `2026-01-31 12:00` in the local time zone; a dash when there is none. */
export function formatInstant(iso: string | null | undefined): string {
  if (!iso) return "-";
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : at.toLocaleString("sv-SE").slice(0, 16);
}
