import { basename } from "node:path";

/**
 * argv → one command. Processes that only this program starts are looked for first: they must not wait for a command
 * line to be parsed.
 */
const args = process.argv.slice(2);
if (args[0] === "script-process") {
  const { runScriptProcess } = await import("./engine/sandbox/child.ts");
  await runScriptProcess();
} else if (args[0] === "convert-process") {
  const { runConvertProcess } = await import("./engine/formats/convert-child.ts");
  await runConvertProcess(args[1] ?? "", args[2] ?? "");
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
