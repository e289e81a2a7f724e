import { isObject } from "../../json.ts";
import type { RunRequestResult, ScriptHttpResponse } from "../protocol.ts";
import { lockValues } from "./locked.ts";
import type { SharedScopes } from "./pm.ts";
import type { Response } from "./response.ts";
import type { Script } from "./script.ts";
import { toString } from "./text.ts";

/** `pm.execution`: where the script is in the run, and what comes next. */
export function createExecution(
  script: Script,
  scopes: SharedScopes,
  toResponse: (response: ScriptHttpResponse) => Response,
) {
  const { input } = script;
  const location = lockValues([...input.location.path], { current: input.location.current });
  return lockValues(
    {},
    {
      skipRequest() {
        if (input.event !== "prerequest") throw new TypeError("pm.execution.skipRequest is not a function");
        script.skipsRequest = true;
        script.finish();
      },
      location,
      setNextRequest(name: unknown): void {
        if (name !== undefined) script.nextRequest = name === null ? null : toString(name);
      },
      /** Runs another request of the collection, with its scripts; null when its script skips it. */
      async runRequest(id: unknown, options?: unknown): Promise<Response | null> {
        if (!id) throw new Error("runRequest: collection request id not provided");
        const variables = isObject(options) && isObject(options["variables"]) ? options["variables"] : {};
        const payload = { id: toString(id), variables, scopes: scopes.read() };
        const result = (await script.ask("runRequest", payload)) as RunRequestResult;
        if ("error" in result) {
          throw Object.assign(new Error(result.error.message), { name: result.error.name });
        }
        scopes.write(result.scopes);
        return result.response ? toResponse(result.response) : null;
      },
    },
  );
}
