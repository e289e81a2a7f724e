import { noFiles, type FileSource } from "./files.ts";
import { createHttpClient } from "./http/client.ts";
import type { EgressGate } from "./http/gate.ts";
import type { ConnectionOptions } from "./http/route.ts";
import { executeRun, type RunHooks } from "./run.ts";
import type { ScriptHost, ScriptProcesses } from "./sandbox/protocol.ts";
import type { RunEvent, RunInput } from "./types.ts";

export interface EngineOptions {
  /** Where scripts run; `engine.close()` closes it, too. */
  scripts: ScriptHost;
  /** Asked before every request that leaves; without one everything is allowed. */
  gate?: EgressGate;
  /** CA certificates, client certificates, proxies. */
  connection?: ConnectionOptions;
  /**
   * Where files of request bodies are read from: `createFileSource`. Without one a request with a file is an error,
   * which is right wherever documents of others run.
   */
  files?: FileSource;
}

/** Executes collections; any number of runs at once share its connections and warm script processes. */
export interface Engine {
  /**
   * Yields numbered events as they happen and waits while nobody reads. Ends with `run_finished`, also when
   * `signal` aborts; never throws for what a document, a script or a server does.
   */
  run(input: RunInput, hooks: RunHooks): AsyncIterable<RunEvent>;
  /** Where its scripts run. */
  scriptProcesses(): ScriptProcesses;
  /** Ends all connections and script processes. Runs that are still going must be cancelled before. */
  close(): Promise<void>;
}

/** Throws on connection options that cannot be used: a wrong proxy URL, an unreadable certificate. */
export function createEngine({ scripts, gate, connection, files = noFiles }: EngineOptions): Engine {
  const http = createHttpClient(connection, gate);
  return {
    run: (input, hooks) => executeRun(input, { http, scripts, files }, hooks),
    scriptProcesses: () => scripts.processes(),
    close: async () => {
      http.close();
      await scripts.close();
    },
  };
}
