/** Longest body or description that is shown whole, in characters. */
const MAX_BLOCK = 10_000;

/** Lines with an empty one between blocks; empty blocks are left out. */
export const blocks = (...parts: (string | undefined)[]): string =>
  `${parts.filter((part) => part !== undefined && part !== "").join("\n\n")}\n`;

/** One line of text between backticks, whatever is in it. */
export function code(text: string): string {
  const line = text.replaceAll(/\s*[\r\n]+\s*/g, " ");
  const fence = "`".repeat(longestRun(line) + 1);
  const padding = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${padding}${line}${padding}${fence}`;
}

/** A block of code that nothing inside can end. */
export function codeBlock(text: string, language = ""): string {
  const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${shortened(text)}\n${fence}`;
}

export const shortened = (text: string): string =>
  text.length <= MAX_BLOCK
    ? text
    : `${text.slice(0, MAX_BLOCK)}\n… (${text.length - MAX_BLOCK} more characters)`;

/** A name in a heading or a list: one line. */
export const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

const longestRun = (text: string): number =>
  Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));

/** A list under a heading; undefined when there is nothing to list. */
export const section = (title: string, lines: readonly string[]): string | undefined =>
  lines.length === 0 ? undefined : `## ${title}\n\n${lines.map((line) => `- ${line}`).join("\n")}`;
