import { createBridge, type HostCall } from "./bridge.ts";
import { ConsoleCounts, createConsole } from "./console.ts";
import { CookieJar, CookieList } from "./cookies.ts";
import { createDynamic } from "./dynamic.ts";
import { reword, rewordRejections } from "./errors.ts";
import { createExpect } from "./expect.ts";
import { freezeRealm, type FrozenRealm } from "./freeze.ts";
import { removeDangers, watchIntrinsics } from "./intrinsics.ts";
import { parse } from "./json-text.ts";
import { createJson } from "./json.ts";
import { legacyGlobals, legacyNames } from "./legacy.ts";
import { createModules } from "./modules.ts";
import { rewordName, runnerName } from "./names.ts";
import { createPm, type RealmParts } from "./pm.ts";
import { HeaderList, PropertyList } from "./property-list.ts";
import { Property } from "./property.ts";
import { RequestBody } from "./request-body.ts";
import { Request } from "./request.ts";
import { Response } from "./response.ts";
import { sampleObjects } from "./samples.ts";
import { VariableScope, VariablesView } from "./scopes.ts";
import { Script, type ScriptInput } from "./script.ts";
import { createTimers } from "./timers.ts";
import { Url } from "./url.ts";
import { toV8Message } from "./v8-messages.ts";
import { createWebGlobals } from "./web.ts";

/** What the host may call. Arguments and answers are texts, numbers and what was made in this realm. */
export interface Realm {
  /** Makes the script of this input the current one; its code then runs through the global of `runnerName`. */
  prepare(input: string): void;
  /** Ends a script whose code could not even start: a syntax error. `line`: from 1; 0 = not known. */
  fail(name: string, message: string, line: number): void;
  uncaught(thrown: unknown): void;
  reply(call: number, answer: string): void;
  fire(timer: number): void;
  idle(): void;
  stream(): void;
  provide(factory: unknown): void;
  prepareLibraries(): void;
  /** Remembers what is built in: `restore` then notices any change of it. */
  watch(): void;
  /** Makes this a realm for the scripts of several runs: they find nothing in it that they could change. */
  freeze(): void;
  /** True when the next script of this run may use this realm. */
  restore(): boolean;
  /** Of a frozen realm: true when the next run finds it as the first one did. */
  clear(): boolean;
}

const noValues: (name: string) => unknown = () => undefined;

export function boot(hostCall: HostCall): Realm {
  removeDangers();
  const bridge = createBridge(hostCall);
  const modules = createModules(bridge);
  const json = createJson(modules);
  Object.assign(JSON, json);
  rewordRejections();
  addTextSearch();
  const parts: RealmParts = {
    modules,
    json,
    expect: createExpect(modules),
    dynamic: createDynamic(bridge, modules),
  };
  let script: Script | undefined;
  let valueOf = noValues;
  let overrides: Record<string, { value: unknown }> = {};
  let isArmed = false;
  let frozen: FrozenRealm | undefined;

  const timers = createTimers(() => script);
  const globals: Record<string, unknown> = {
    ...createWebGlobals(bridge),
    ...timers.globals,
    console: createConsole(
      (level, printed) => script?.print(level, printed),
      () => script?.counts ?? new ConsoleCounts(),
    ),
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
  for (const name of legacyNames) {
    Object.defineProperty(globalThis, name, {
      get: () => (overrides[name] ? overrides[name].value : valueOf(name)),
      set: (value: unknown) => {
        overrides[name] = { value };
      },
      configurable: true,
      enumerable: false,
    });
  }
  Object.defineProperty(globalThis, runnerName, {
    value: (fileName: string, code: () => unknown) => {
      if (!isArmed || !script) return;
      isArmed = false;
      script.fileName = fileName;
      run(script, code);
    },
    enumerable: false,
  });
  Object.defineProperty(globalThis, rewordName, { value: reword, enumerable: false });
  lockOwnClasses();
  const intrinsics = watchIntrinsics([globals["console"] as object]);

  return {
    prepare(input) {
      // The host wrote this text from a checked message.
      script = new Script(parse(input) as ScriptInput, bridge);
      const pm = createPm(script, parts);
      script.pm = pm;
      valueOf = legacyGlobals(script, pm, modules);
      overrides = {};
      isArmed = true;
    },
    fail(name, message, line) {
      const fault = { name, message: toV8Message(message), ...(line > 0 && { line }) };
      if (script) script.error ??= { kind: "script", ...fault };
      script?.finish();
    },
    uncaught: (thrown) => script?.fail(thrown),
    reply: (call, answer) => script?.reply(call, parse(answer)),
    fire: timers.fire,
    idle: () => script?.idle(),
    stream: () => script?.stream(),
    provide: modules.provide,
    prepareLibraries: () => void parts.expect(),
    watch: () => intrinsics.watch(),
    freeze() {
      frozen = freezeRealm([...ownClasses, ...sampleObjects(bridge, parts)]);
    },
    restore() {
      script = undefined;
      valueOf = noValues;
      overrides = {};
      timers.reset();
      return frozen ? frozen.isUntouched() : intrinsics.restore();
    },
    clear: () => frozen !== undefined && frozen.clear() && !modules.isLent,
  };
}

function run(script: Script, code: () => unknown): void {
  script.hold();
  let outcome: unknown;
  try {
    outcome = code.call(globalThis);
  } catch (error) {
    return script.fail(error);
  }
  if (!script.input.usesPromises || !(outcome instanceof Promise)) return script.release();
  outcome.then(
    () => script.release(),
    (error: unknown) => script.fail(error),
  );
}

/** Postman's first script API has this on every text: `responseBody.has("…")`. */
function addTextSearch(): void {
  const { prototype } = String;
  Object.defineProperty(prototype, "has", { value: hasText, writable: true, configurable: true });
}

function hasText(this: string, searched: unknown): boolean {
  return searched instanceof RegExp ? this.search(searched) !== -1 : this.includes(String(searched));
}

const ownClasses = [
  Property,
  PropertyList,
  HeaderList,
  Url,
  Request,
  RequestBody,
  Response,
  CookieList,
  CookieJar,
  VariableScope,
  VariablesView,
];

/** Ours are nobody's to patch: a changed method would reach the next script. */
function lockOwnClasses(): void {
  for (const own of ownClasses) {
    // As they are called in Postman, where people see them in messages.
    Object.defineProperty(own, "name", { value: `Postman${own.name}` });
    Object.freeze(own);
    Object.freeze(own.prototype);
  }
}
