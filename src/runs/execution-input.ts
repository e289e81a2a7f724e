import type { Database } from "../../db/connect.ts";
import { isRecord } from "../lib/parse.ts";
import type { SecretBox } from "../lib/seal.ts";

/** One data row, which the run reads as `pm.iterationData` and as `{{name}}`. */
export type ExecutionInput = Record<string, unknown>;

/** Encrypted at rest: whoever starts an execution may send secrets along. */
export const sealInput = (box: SecretBox, input: ExecutionInput): string => box.seal(JSON.stringify(input));

/** What an execution was started with. Throws when it is gone. */
export async function loadInput(
  { sql }: Database,
  box: SecretBox,
  executionId: string,
): Promise<ExecutionInput> {
  const [row] = await sql<{ sealed: string }[]>`
    select sealed from execution_inputs where execution_id = ${executionId}`;
  const input: unknown = row && JSON.parse(box.open(row.sealed));
  if (!isRecord(input)) throw new Error(`the input of execution ${executionId} is gone`);
  return input;
}

/** Longer than a run can wait, be repeated and last. */
const KEPT_HOURS = 24;

/** Removes inputs that no run will ask for any more. */
export const dropOldInputs = ({ sql }: Database) =>
  sql`delete from execution_inputs where created_at < now() - make_interval(hours => ${KEPT_HOURS})`;
