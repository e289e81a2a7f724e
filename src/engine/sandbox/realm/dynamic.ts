import type { Bridge } from "./bridge.ts";
import type { Modules } from "./modules.ts";
import { toString } from "./text.ts";
import { uuid } from "./web.ts";

/** Fresh value of a `$name` variable, "" when Postman knows none of that name. */
export function createDynamic(bridge: Bridge, modules: Modules): (name: string) => string {
  const randomUuid = () => uuid(Uint8Array.fromBase64(bridge.call("random", "", 16)));
  const common: Record<string, () => string> = {
    $guid: randomUuid,
    $randomUUID: randomUuid,
    $timestamp: () => String(Math.floor(Date.now() / 1000)),
    $isoTimestamp: () => new Date().toISOString(),
    $randomInt: () => String(Math.floor(Math.random() * 1001)),
  };
  return (name) => {
    const make = Object.hasOwn(common, name) ? common[name] : undefined;
    if (make) return make();
    const generators = modules.internal("dynamic-variables") as Record<string, { generator: () => unknown }>;
    const value = Object.hasOwn(generators, name) ? generators[name]?.generator() : undefined;
    return value === undefined || value === null ? "" : toString(value);
  };
}
