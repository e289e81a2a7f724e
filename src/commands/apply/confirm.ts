import { createInterface } from "node:readline/promises";

import { AppError } from "../../lib/errors.ts";
import type { CommandContext } from "../context.ts";

/** Asks on a terminal. Throws `usage` when the answer is no, and where nobody can be asked, unless `yes` was given. */
export async function confirm(
  question: string,
  { yes }: { yes?: true },
  { programName }: Pick<CommandContext, "programName">,
): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY)
    throw new AppError(
      "usage",
      `Nothing is changed without a yes: repeat with --yes, or run ${programName} on a terminal.`,
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new AppError("usage", "Nothing was changed.");
  } finally {
    terminal.close();
  }
}
