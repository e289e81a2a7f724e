import { Command, CommanderError, Option } from "commander";

import { systemClock } from "../lib/clock.ts";
import { isSwitchedOff, readEnvironment, variableOfOption } from "../lib/config.ts";
import { AppError, toError } from "../lib/errors.ts";
import { createLog, type Log } from "../lib/log.ts";
import { endWithParent } from "../lib/parent.ts";
import { VERSION } from "../lib/version.ts";
import type { CommandContext } from "./context.ts";
import { type CommandEntry, commandEntries } from "./registry.ts";

/** Runs the command that `args` name and returns the exit code: 0 fine, 1 it failed, 2 wrong usage. */
export async function runProgram(programName: string, args: readonly string[]): Promise<number> {
  const context = createContext(programName);
  try {
    endWithParent(readEnvironment().parentPid);
    const asked = withoutHelpCommand(args);
    const program = await createProgram(context, asked);
    await program.parseAsync(asked, { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return report(error, context);
  }
}

/** `help runner start` is `runner start --help`: commander's own goes one level deep, and has no word for a wrong name. */
function withoutHelpCommand(args: readonly string[]): string[] {
  const asked = args[0] === "help" && args.length > 1 ? [...args.slice(1), "--help"] : [...args];
  const isKnown = commandEntries.some(({ name }) => name === asked[0]);
  // Asked for help about a command that does not exist, commander would answer with help about all.
  return isKnown ? asked : asked.filter((arg, at) => at === 0 || (arg !== "--help" && arg !== "-h"));
}

async function createProgram(context: CommandContext, args: readonly string[]): Promise<Command> {
  const program = new AppCommand(context.programName)
    .description("Private API monitoring: control plane and runner in one file.")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .exitOverride()
    // What went wrong is printed once, in `report`.
    .configureOutput({ outputError: () => {} });
  for (const entry of commandEntries) await addCommand(program, entry, args, context);
  return program;
}

/** Loads the code of a command only if it, or help about it, is asked for. */
async function addCommand(
  program: Command,
  { name, summary, load }: CommandEntry,
  args: readonly string[],
  context: CommandContext,
): Promise<void> {
  const command = program.command(name).description(summary);
  if (args[0] !== name) return;
  const { define } = await load();
  define(command, context);
}

/** Every option of every command can come from the environment; commander offers no other place to say so once. */
class AppCommand extends Command {
  override createCommand(name?: string): Command {
    return new AppCommand(name);
  }

  override addOption(option: Option): this {
    if (option.envVar === undefined && option.long) bindVariable(option, option.long);
    return super.addOption(option);
  }
}

function bindVariable(option: Option, longFlag: string): void {
  const variable = variableOfOption(longFlag);
  const isSwitch = !option.required && !option.optional;
  // commander takes any value of a switch's variable, even "false", as on.
  if (!isSwitch || !isSwitchedOff(variable)) option.env(variable);
}

function createContext(programName: string): CommandContext {
  const streams = { stdout: process.stdout, stderr: process.stderr };
  for (const stream of Object.values(streams)) stream.on("error", ignoreBrokenPipe);
  return {
    programName,
    print: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${line}\n`),
    openLog: (stream): Log =>
      createLog({
        write: (line) => void streams[stream].write(line),
        now: () => systemClock.now(),
        format: streams[stream].isTTY ? "human" : "json",
        level: readEnvironment().logLevel,
      }),
  };
}

/** Whoever read the output (`… | head`) has seen enough; the work and its exit code are wanted all the same. */
function ignoreBrokenPipe(error: Error): void {
  if (!("code" in error) || error.code !== "EPIPE") throw error;
}

function report(thrown: unknown, { programName, note }: CommandContext): number {
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return 0;
    if (thrown.code === "commander.help") return 2;
    note(`${programName}: ${thrown.message.replace(/^error: /, "").replaceAll("\n", " ")}`);
    return 2;
  }
  if (thrown instanceof AppError) {
    note(`${programName}: ${thrown.message}`);
    return thrown.code === "usage" ? 2 : 1;
  }
  const error = toError(thrown);
  note(`${programName}: something went wrong that this program did not expect: ${causes(error)}`);
  note(error.stack ?? "");
  return 1;
}

const causes = (error: Error): string =>
  error.cause === undefined ? error.message : `${error.message}: ${causes(toError(error.cause))}`;
