import { basename } from "node:path";

/**
 * argv → one command. The script process is started for every concurrent run and must not wait for a command
 * line to be parsed, so it is looked for first.
 */
const args = process.argv.slice(2);
if (args[0] === "script-process") {
  const { runScriptProcess } = await import("./engine/sandbox/child.ts");
  await runScriptProcess();
} else {
  const { runProgram } = await import("./commands/program.ts");
  const exitCode = await runProgram(programName(), args);
  await Promise.all([drained(process.stdout), drained(process.stderr)]);
  process.exit(exitCode);
}

/** The name of the executable; under `bun src/main.ts` the product's own. */
function programName(): string {
  const isCompiled = Bun.embeddedFiles.length > 0;
  return isCompiled ? basename(process.argv0) : "app";
}

/** What was written to a pipe has left this process. */
function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => void stream.write("", () => resolve()));
}
