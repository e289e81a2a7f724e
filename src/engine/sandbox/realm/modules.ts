import { libraryAliases } from "../libraries/names.ts";
import type { Bridge } from "./bridge.ts";

type Factory = (
  module: { exports: unknown },
  exports: unknown,
  require: (name: string) => unknown,
) => unknown;

export interface Modules {
  require: (name: unknown) => unknown;
  /** `pm.require`: packages of Postman's registry are not here, libraries are. */
  requirePackage: (name: unknown) => unknown;
  /** For ourselves: it must not get to a script. */
  internal: (name: string) => unknown;
  /** Like `require`, by the name of a bundle. */
  lend: (name: string) => unknown;
  /** Called by the host while `require` waits for it: the factory was made in this realm. */
  provide: (factory: unknown) => void;
  /** A script was given a library, and may have changed it. */
  readonly isLent: boolean;
}

/** `require`: bundled libraries only, each evaluated inside the realm on first use. */
export function createModules(bridge: Bridge): Modules {
  const loaded = new Map<string, { exports: unknown }>();
  let isLent = false;
  let provided: Factory | undefined;

  const load = (library: string): unknown => {
    const existing = loaded.get(library);
    if (existing) return existing.exports;
    provided = undefined;
    bridge.call("library", library);
    // Set by `provide` during the call above, which the compiler cannot see.
    const factory = provided as Factory | undefined;
    if (!factory) throw new Error(`Cannot find module '${library}'`);
    const module = { exports: {} as unknown };
    loaded.set(library, module);
    factory(module, module.exports, requireModule);
    return module.exports;
  };

  const lend = (library: string): unknown => {
    isLent = true;
    return load(library);
  };

  const requireModule = (name: unknown): unknown => {
    const wanted = String(name);
    const library = Object.hasOwn(libraryAliases, wanted) ? libraryAliases[wanted] : undefined;
    if (library === undefined) throw new Error(`Cannot find module '${wanted}'`);
    return lend(library);
  };

  return {
    require: requireModule,
    requirePackage: (name) => {
      const wanted = String(name);
      if (!Object.hasOwn(libraryAliases, wanted)) throw new Error(`Cannot find package '${wanted}'`);
      return requireModule(wanted);
    },
    internal: load,
    lend,
    get isLent() {
      return isLent;
    },
    provide: (factory) => {
      // The host evaluated our own bundle: its value is the wrapper function.
      provided = factory as Factory;
    },
  };
}
