/**
 * The line of a script, from 1, that an error came from: of the innermost frame of this script's own code, so what it called
 * in libraries or in functions of earlier scripts is passed over. Undefined when there is none. Never throws.
 */
export function lineOf(thrown: unknown, fileName: string): number | undefined {
  try {
    if (typeof thrown !== "object" || thrown === null || fileName === "") return undefined;
    const { stack } = thrown as { stack?: unknown };
    return typeof stack === "string" ? lineIn(stack, `${fileName}:`) : undefined;
  } catch {
    // A script can make errors that cannot be read.
    return undefined;
  }
}

/** Code that a script makes of text has lines of its own: it is named like the script, with a path before it. */
function lineIn(stack: string, mark: string): number | undefined {
  let at = stack.indexOf(mark);
  while (at > 0 && stack[at - 1] === "/") at = stack.indexOf(mark, at + mark.length);
  const line = at === -1 ? 0 : parseInt(stack.slice(at + mark.length, at + mark.length + MAX_LINE_CHARS), 10);
  return line > 0 ? line : undefined;
}

const MAX_LINE_CHARS = 10;
