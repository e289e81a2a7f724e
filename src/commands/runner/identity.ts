import { type Environment, parseHttpUrl, readEnvironment } from "../../lib/config.ts";
import { AppError } from "../../lib/errors.ts";
import { isUuid } from "../../lib/ids.ts";
import { askSecret } from "./ask-key.ts";

/** What every command that speaks as a runner is given. */
export interface IdentityOptions {
  id?: string;
  key?: string;
  server?: string;
}

/** Throws `usage` when it is missing or no id. */
export function readRunnerId({ id }: IdentityOptions, environment: Environment = readEnvironment()): string {
  const runnerId = id ?? environment.postmanRunnerId;
  if (!runnerId) throw missing("The runner id is missing", "--id or POSTMAN_RUNNER_ID");
  if (isUuid(runnerId)) return runnerId.toLowerCase();
  throw new AppError("usage", `The runner id "${runnerId}" is not an id; copy the start command again.`);
}

/** Throws `usage` when it is missing or no address. */
export function readServer({ server }: IdentityOptions): string {
  if (!server) throw missing("The address of the control plane is missing", "--server or APP_SERVER");
  return parseHttpUrl(server, "--server");
}

/** From the options, the environment, standard input (`-`), or a question on the terminal. Throws `usage` without one. */
export async function readRunnerKey(
  { key: given }: IdentityOptions,
  environment: Environment = readEnvironment(),
): Promise<string> {
  const wanted = given ?? environment.postmanRunnerKey;
  if (wanted !== undefined && wanted !== "-") return wanted;
  const key = process.stdin.isTTY
    ? await askSecret("Enter runner key: ")
    : wanted && (await Bun.stdin.text()).trim();
  if (key) return key;
  throw missing(
    "The runner key is missing",
    "--key, APP_KEY or POSTMAN_RUNNER_KEY, or to standard input of --key -",
  );
}

const missing = (what: string, ways: string): AppError =>
  new AppError("usage", `${what}: give it with ${ways}.`);
