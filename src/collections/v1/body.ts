import { isDeepStrictEqual } from "node:util";

import { isRecord } from "../../lib/parse.ts";
import { type Param, toV1Params, toV2Params } from "./params.ts";

/** The part of a request in the v1 model that is its body. */
export interface V1Body {
  dataMode: string | null;
  data: Param[] | null;
  rawModeData: unknown;
  graphqlModeData: unknown;
  dataOptions: unknown;
}

export type SentBody = { [Key in keyof V1Body]?: V1Body[Key] | undefined };

/** v1 name of each mode of v2.1; `params` is what older clients call a form with files. */
const modes = new Map([
  ["raw", "raw"],
  ["urlencoded", "urlencoded"],
  ["formdata", "formdata"],
  ["file", "binary"],
  ["graphql", "graphql"],
]);
const v2ModeOf = new Map([
  ...[...modes].map(([v2, v1]) => [v1, v2] as const),
  ["params", "formdata"] as const,
]);

export function toV1Body(body: unknown): V1Body {
  const source = isRecord(body) ? body : {};
  const mode = typeof source["mode"] === "string" ? source["mode"] : undefined;
  const isForm = mode === "urlencoded" || mode === "formdata";
  return {
    dataMode: mode === undefined ? null : (modes.get(mode) ?? mode),
    data: isForm ? toV1Params(source[mode]) : mode === undefined ? null : [],
    rawModeData: rawOf(source, mode),
    graphqlModeData: mode === "graphql" ? (source["graphql"] ?? null) : null,
    dataOptions: source["options"] ?? null,
  };
}

function rawOf(source: Record<string, unknown>, mode: string | undefined): unknown {
  if (mode === "raw") return source["raw"] ?? "";
  const { file } = source;
  return mode === "file" && isRecord(file) ? (file["src"] ?? null) : null;
}

/** Puts what was sent of a body into a request of v2.1; only fields that differ from what is there count. */
export function applyBody(request: Record<string, unknown>, sent: SentBody): void {
  const { body } = request;
  const before = toV1Body(body);
  const isChanged = (key: keyof V1Body) =>
    sent[key] !== undefined && !isDeepStrictEqual(sent[key], before[key]);
  const changed = fields.filter(isChanged);
  if (changed.length === 0) return;
  if (sent.dataMode === null) {
    delete request["body"];
    return;
  }
  const mode = modeAfter(sent, before);
  const next: Record<string, unknown> = { ...(isRecord(body) && body), mode };
  for (const key of changed) setField(next, key, sent);
  if (changed.includes("dataOptions")) setOptions(next, sent.dataOptions);
  request["body"] = next;
}

const fields = ["dataMode", "data", "rawModeData", "graphqlModeData", "dataOptions"] as const;

/** What does not belong to the mode of the body is left out: it would never be sent. */
function setField(body: Record<string, unknown>, key: keyof V1Body, sent: SentBody): void {
  const { mode } = body;
  if (key === "data" && (mode === "urlencoded" || mode === "formdata")) {
    body[mode] = toV2Params(sent.data ?? [], body[mode]);
  } else if (key === "rawModeData" && mode === "file") {
    body["file"] = { ...(isRecord(body["file"]) && body["file"]), src: sent.rawModeData };
  } else if (key === "rawModeData" && mode === "raw") body["raw"] = sent.rawModeData ?? "";
  else if (key === "graphqlModeData" && mode === "graphql") body["graphql"] = sent.graphqlModeData ?? {};
}

function setOptions(body: Record<string, unknown>, options: unknown): void {
  if (options === null) delete body["options"];
  else body["options"] = options;
}

/** A client that sends content and no mode means the mode of that content. */
function modeAfter(sent: SentBody, before: V1Body): string {
  const named = sent.dataMode ?? before.dataMode;
  if (named !== null) return v2ModeOf.get(named) ?? named;
  if (sent.rawModeData !== undefined && sent.rawModeData !== null) return "raw";
  if (sent.graphqlModeData !== undefined && sent.graphqlModeData !== null) return "graphql";
  return "formdata";
}
