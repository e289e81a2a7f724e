import type { Database } from "../../db/connect.ts";
import type { MockConfig } from "../../db/schema.ts";
import type { Deps } from "../access/context.ts";
import { loadCollectionForRun } from "../collections/store.ts";
import { findEnvironment } from "../environments/store.ts";
import { isRecord } from "../lib/parse.ts";
import { compileExamples, type Example } from "./example.ts";
import { findServerResponse, type ServerResponse } from "./server-response-store.ts";

/** A mock as it is at this moment. */
export interface LoadedMock {
  id: string;
  workspaceId: string;
  private: boolean;
  config: MockConfig;
  /** By method. */
  examples: ReadonlyMap<string, readonly Example[]>;
  /** Answers every call. */
  serverResponse: Example | undefined;
}

/** What of a mock can change; read for every call. */
interface State {
  id: string;
  workspaceId: string;
  private: boolean;
  config: MockConfig;
  serverResponseId: string | null;
  collectionId: string;
  environmentId: string | null;
  /** Another text as soon as anything that its answers are made of was saved. */
  version: string;
}

/** Of all compiled mocks that are kept, roughly. */
const MAX_KEPT_BYTES = 128 * 1024 * 1024;
/** Of a mock without examples. */
const MOCK_BYTES = 4_000;

type Compiled = Pick<LoadedMock, "examples" | "serverResponse"> & { sizeBytes: number };

interface Kept {
  version: string;
  compiled: Promise<Compiled>;
  /** 0 until it is compiled. */
  sizeBytes: number;
}

/**
 * Reads mocks. Their documents are loaded and taken apart once for each revision; which revision is the current one is
 * asked for every call, so a saved example answers at the next request, whichever server it was saved through.
 */
export function createMockLoader(deps: Pick<Deps, "database" | "secretBox">) {
  /** What was asked for last stands last. */
  const kept = new Map<string, Kept>();

  const dropOldest = () => {
    let sizeBytes = [...kept.values()].reduce((sum, entry) => sum + entry.sizeBytes, 0);
    for (const [id, entry] of kept) {
      if (sizeBytes <= MAX_KEPT_BYTES || kept.size === 1) return;
      sizeBytes -= entry.sizeBytes;
      kept.delete(id);
    }
  };

  const measure = async (id: string, entry: Kept): Promise<void> => {
    try {
      ({ sizeBytes: entry.sizeBytes } = await entry.compiled);
      dropOldest();
    } catch {
      // Whoever asked for it is told; the next call tries again.
      if (kept.get(id) === entry) kept.delete(id);
    }
  };

  const start = (state: State): Kept => {
    const entry: Kept = { version: state.version, compiled: compile(deps, state), sizeBytes: 0 };
    void measure(state.id, entry);
    return entry;
  };

  const compiledOf = (state: State): Promise<Compiled> => {
    const known = kept.get(state.id);
    kept.delete(state.id);
    const entry = known?.version === state.version ? known : start(state);
    kept.set(state.id, entry);
    return entry.compiled;
  };

  /** Undefined when there is no such mock. */
  return async (id: string): Promise<LoadedMock | undefined> => {
    const state = await readState(deps.database, id);
    return state && { ...state, ...(await compiledOf(state)) };
  };
}

async function readState({ sql }: Database, id: string): Promise<State | undefined> {
  const [state] = await sql<State[]>`
    select m.id, m.workspace_id as "workspaceId", m.private, m.config, m.server_response_id as "serverResponseId",
           m.collection_id as "collectionId", m.environment_id as "environmentId",
           concat_ws(' ', m.revision, m.collection_id, c.revision, c.updated_at, e.id, e.revision, e.updated_at) as version
      from mocks m join collections c on c.id = m.collection_id
           left join environments e on e.id = m.environment_id
     where m.id = ${id}`;
  return state;
}

async function compile(deps: Pick<Deps, "database" | "secretBox">, state: State): Promise<Compiled> {
  const [collection, environment, serverResponse] = await Promise.all([
    loadCollectionForRun(deps.database, state.collectionId),
    state.environmentId === null ? undefined : findEnvironment(deps, state.environmentId),
    state.serverResponseId === null
      ? undefined
      : findServerResponse(deps.database, state.id, state.serverResponseId),
  ]);
  const document = collection?.document ?? {};
  const variables = new Map([...variablesOf(document["variable"]), ...variablesOf(environment?.values)]);
  const { byMethod, sizeBytes } = compileExamples(document, variables);
  return {
    examples: byMethod,
    sizeBytes: sizeBytes + MOCK_BYTES,
    serverResponse: serverResponse && asExample(serverResponse, variables),
  };
}

/** A server response as an example, which is what can be sent. */
function asExample(
  { id, name, statusCode, headers, language, body }: ServerResponse,
  variables: ReadonlyMap<string, string>,
): Example | undefined {
  const response = { id, name, code: statusCode, header: headers, body, _postman_previewlanguage: language };
  const item = [{ response: [response], request: { method: "GET" } }];
  return compileExamples({ item }, variables).byMethod.get("GET")?.[0];
}

/**
 * Switched-on variables as text. Secret ones are left out: anybody may call a public mock, and what is sealed at rest and
 * shown nowhere is not to be read there.
 */
function variablesOf(list: unknown): Map<string, string> {
  const variables = new Map<string, string>();
  for (const variable of Array.isArray(list) ? list : []) {
    if (!isRecord(variable) || variable["type"] === "secret") continue;
    const { key, value, enabled, disabled } = variable;
    if (typeof key !== "string" || key === "" || enabled === false || disabled === true) continue;
    if (typeof value === "string") variables.set(key, value);
    else if (value !== undefined && value !== null) variables.set(key, JSON.stringify(value));
  }
  return variables;
}
