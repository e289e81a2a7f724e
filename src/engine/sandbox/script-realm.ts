import { createContext, Script } from "node:vm";

import { hostOperations, type RealmEvents } from "./host-operations.ts";
import type { RealmSources } from "./libraries/bundle.ts";
import type { HostCall } from "./realm/bridge.ts";
import type { Realm } from "./realm/main.ts";
import { compileUserCode, parseError } from "./user-code.ts";

/** Compiled scripts that are kept: the scripts of a collection run once per iteration. */
const MAX_COMPILED = 200;
const MAX_COMPILED_CHARS = 1_000_000;

/** A realm and the one script that runs in it at a time. Lives in the script process. */
export interface ScriptRealm {
  /** Runs the synchronous part; the end comes as an event. */
  execute(script: { code: string; context: string; bodyBase64?: string; timeoutMs: number }): void;
  reply(call: number, answer: string): void;
  uncaught(thrown: unknown): void;
  /** Remembers what is built in: `restore` then notices any change of it. */
  watch(): void;
  /** Makes it a realm for the scripts of several runs, which can change nothing in it. */
  freeze(): void;
  /** Cleans up behind the last script; false when the next script of this run must not find this realm. */
  restore(): boolean;
  /** Cleans up behind a run in a frozen realm; false when the next run must not find it. */
  clear(): boolean;
  /** Loads what nearly every script uses, ahead of the first one. */
  prepareLibraries(): void;
}

/** Compiles everything that realms evaluate, once per process, so that a fresh realm costs little. */
export function createRealmFactory(sources: RealmSources): (events: RealmEvents) => ScriptRealm {
  // Strict, so that `caller` and `arguments` of a function that a script passes in show nothing of ours.
  const bootScript = new Script(wrap(`"use strict";${sources.realm}`), {
    filename: "realm",
    ...importRefused,
  });
  const libraries = new Map<string, Script>();
  const compiled = new Map<string, Script>();

  const library = (name: string): Script | undefined => {
    const source = Object.hasOwn(sources.libraries, name) ? sources.libraries[name] : undefined;
    if (source === undefined) return undefined;
    const script = libraries.get(name) ?? new Script(wrap(source), { filename: name, ...importRefused });
    libraries.set(name, script);
    return script;
  };

  const compile = (code: string): Script => {
    const known = compiled.get(code);
    if (known) return known;
    const script = compileUserCode(code, importRefused);
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    if (code.length <= MAX_COMPILED_CHARS) compiled.set(code, script);
    return script;
  };

  return (events) => createScriptRealm(events, { bootScript, library, compile });
}

/** Of the realm whose script is under way: no other one still runs. */
let makeImportError: () => unknown = () => undefined;

const importRefused = {
  // The error must come from a realm: one of the host, which is what no callback means, leads out of it.
  importModuleDynamically: (): never => {
    throw makeImportError();
  },
};

interface Compiled {
  bootScript: Script;
  library: (name: string) => Script | undefined;
  compile: (code: string) => Script;
}

/** What a realm needs before its own code runs; objects of the host would lead out of it. */
const ownObjects = new Script(
  '({ module: { exports: {} }, makeImportError: () => new Error("import() is not available in scripts") })',
);

type BootModule = { exports: { boot(hostCall: HostCall): Realm } };

function createScriptRealm(events: RealmEvents, { bootScript, library, compile }: Compiled): ScriptRealm {
  // For the context, too: code that `eval` makes on behalf of a promise has no script of its own.
  const context = createContext({}, importRefused);
  let realm: Realm | undefined;
  const operations = hostOperations({
    events,
    realm: () => realm,
    library: (name) => library(name)?.runInContext(context),
  });
  // Made by the text of that script.
  const own = ownObjects.runInContext(context) as { module: BootModule; makeImportError: () => unknown };
  const { module } = own;
  (bootScript.runInContext(context) as (module: BootModule, exports: unknown) => void)(
    module,
    module.exports,
  );
  realm = module.exports.boot(operations.hostCall);
  const booted = realm;

  return {
    execute({ code, context: input, bodyBase64, timeoutMs }) {
      ({ makeImportError } = own);
      operations.begin(bodyBase64);
      booted.prepare(input);
      let script: Script;
      try {
        script = compile(code);
      } catch (error) {
        const { message, line } = parseError(code, error);
        return booted.fail("SyntaxError", message, line);
      }
      try {
        script.runInContext(context, timeoutMs > 0 ? { timeout: Math.ceil(timeoutMs) } : {});
      } catch (error) {
        if (isTimeout(error)) {
          booted.stream();
          return events.timedOut();
        }
        booted.uncaught(error);
      }
      booted.stream();
    },
    reply: (call, answer) => booted.reply(call, answer),
    uncaught: (thrown) => booted.uncaught(thrown),
    watch: () => booted.watch(),
    freeze: () => booted.freeze(),
    restore: () => booted.restore(),
    clear: () => booted.clear(),
    prepareLibraries: () => booted.prepareLibraries(),
  };
}

const wrap = (source: string): string => `(function (module, exports, require) {${source}\n})`;

function isTimeout(error: unknown): boolean {
  // Only the host makes errors with this code and this prototype: a thrown object of a realm has another one.
  return error instanceof Error && "code" in error && error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
}
