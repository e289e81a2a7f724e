import { createEngine, type Engine, type EngineOptions } from "../../engine/engine.ts";
import { createScriptHost } from "../../engine/sandbox/host.ts";
import type { Log } from "../../lib/log.ts";
import { selfCommand } from "../../lib/self.ts";

const SCRIPT_MEMORY_MB = 512;

/** An engine whose script processes are this program itself; `places` of them stay warm. */
export function openEngine({
  places,
  log,
  ...options
}: Omit<EngineOptions, "scripts"> & { places: number; log: Log }): Engine {
  const scripts = createScriptHost({
    command: [...selfCommand(), "script-process"],
    maxIdle: places,
    memoryLimitMb: SCRIPT_MEMORY_MB,
    log,
  });
  return createEngine({ ...options, scripts });
}
