import { z } from "zod";

import { bareId } from "../../lib/ids.ts";
import { isRecord } from "../../lib/parse.ts";
import { type ApiAnswer, type Arguments, type CallApi, inMinimal, type Tool } from "../tool.ts";
import { flag, idOf } from "./arguments.ts";
import { nextAfterRun, WAIT_SECONDS } from "./monitors.ts";

/** By this a monitor is known that exists for runs on demand only. */
const PREFIX = "On demand: ";
/** More monitors of one collection than these nobody has; then there is one monitor too many, and no harm. */
const MAX_PAGES = 8;

/** Runs in our own way of working have no such switch, and one that is ignored would mislead. */
const unknownSwitches = ["stopOnError", "stopOnFailure", "abortOnError", "abortOnFailure"] as const;

/**
 * Postman's client fetches the collection and runs it where the client is. Here it runs where its API can be reached,
 * on a runner, by a monitor without a schedule, which is made once for each collection and environment and kept: its
 * history is what the other tools look at. No scheduled monitor is touched, so uptime and alerts are not either.
 */
export const runCollectionTool: Tool = {
  name: "runCollection",
  title: "Run a collection",
  description: `Runs a collection once on a runner and waits up to ${WAIT_SECONDS} seconds for the result. It uses a monitor without a schedule, which it makes when there is none. The requests are really sent.`,
  sets: inMinimal,
  call: "POST /monitors/{monitorId}/run",
  input: {
    collectionId: idOf("collection"),
    environmentId: idOf("environment with its variables").optional(),
    stopOnError: flag("Not offered here."),
    stopOnFailure: flag("Not offered here."),
    abortOnError: flag("Not offered here."),
    abortOnFailure: flag("Not offered here."),
    iterationCount: z.number().optional().describe("Only 1."),
    requestTimeout: z.number().optional().describe("Milliseconds for one request."),
    scriptTimeout: z.number().optional().describe("Milliseconds for one script."),
  },
  hints: { destructive: true },
  steps: runCollection,
  next: nextAfterRun,
};

async function runCollection(args: Arguments, api: CallApi): Promise<ApiAnswer> {
  const refused = refusal(args);
  if (refused !== undefined) return { status: 400, body: { error: { message: refused } } };
  const found = await findMonitor(args, api);
  if (found.status >= 400) return found;
  const id = typeof found.body === "string" && found.body !== "" ? found.body : undefined;
  const monitor = id === undefined ? await createMonitor(args, api) : await changeOptions(id, args, api);
  if (monitor.status >= 400) return monitor;
  const monitorId = id ?? idIn(monitor.body, "monitor");
  return await api({ method: "POST", path: `/monitors/${monitorId}/run?wait=${WAIT_SECONDS}` });
}

function refusal(args: Arguments): string | undefined {
  const asked = unknownSwitches.find((name) => args[name] === true);
  if (asked !== undefined)
    return `${asked} is not offered: a run here goes through all requests. Leave it out.`;
  if (args["iterationCount"] === undefined || args["iterationCount"] === 1) return undefined;
  return "A run here has one iteration: leave iterationCount out, or call runCollection again.";
}

/** The body is the id of the monitor for runs on demand, or empty. */
async function findMonitor({ collectionId, environmentId }: Arguments, api: CallApi): Promise<ApiAnswer> {
  const wanted = typeof environmentId === "string" ? bareId(environmentId) : "";
  const query = new URLSearchParams({ collectionUid: textOf(collectionId), limit: "25" });
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await api({ method: "GET", path: `/monitors?${query.toString()}` });
    if (answer.status >= 400) return answer;
    const monitor = recordsIn(answer.body, "monitors").find(
      ({ name, environmentUid }) =>
        textOf(name).startsWith(PREFIX) && (bareId(textOf(environmentUid)) ?? "") === wanted,
    );
    if (monitor) return { status: 200, body: monitor["id"] };
    const meta = isRecord(answer.body) && isRecord(answer.body["meta"]) ? answer.body["meta"] : {};
    if (typeof meta["nextCursor"] !== "string" || meta["nextCursor"] === "") break;
    query.set("cursor", meta["nextCursor"]);
  }
  return { status: 200, body: "" };
}

async function createMonitor(args: Arguments, api: CallApi): Promise<ApiAnswer> {
  const { collectionId, environmentId } = args;
  const path = `/collections/${encodeURIComponent(textOf(collectionId))}?model=minimal`;
  const collection = await api({ method: "GET", path });
  if (collection.status >= 400) return collection;
  const { info } = recordIn(collection.body, "collection");
  const name = isRecord(info) ? textOf(info["name"]) : "collection";
  const options = optionsIn(args);
  const monitor = {
    name: PREFIX + name,
    collection: collectionId,
    ...(environmentId !== undefined && { environment: environmentId }),
    ...(options && { options }),
  };
  return await api({ method: "POST", path: "/monitors", body: { monitor } });
}

async function changeOptions(id: string, args: Arguments, api: CallApi): Promise<ApiAnswer> {
  const options = optionsIn(args);
  if (!options) return { status: 200, body: "" };
  return await api({ method: "PUT", path: `/monitors/${id}`, body: { monitor: { options } } });
}

const optionsIn = ({ requestTimeout, scriptTimeout }: Arguments) =>
  requestTimeout === undefined && scriptTimeout === undefined ? undefined : { requestTimeout, scriptTimeout };

const recordIn = (body: unknown, key: string): Record<string, unknown> => {
  const found = isRecord(body) ? body[key] : undefined;
  return isRecord(found) ? found : {};
};

const recordsIn = (body: unknown, key: string): Record<string, unknown>[] => {
  const found = isRecord(body) ? body[key] : undefined;
  return Array.isArray(found) ? found.filter(isRecord) : [];
};

const idIn = (body: unknown, key: string): string => textOf(recordIn(body, key)["id"]);

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
