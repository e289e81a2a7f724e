import { writeSync } from "node:fs";

import { disarmHostRealm } from "./disarm.ts";
import type { RealmEvents } from "./host-operations.ts";
import { loadRealmSources } from "./libraries/load.ts";
import { type Traits, traitsOf } from "./script-code.ts";
import { createRealmFactory, type ScriptRealm } from "./script-realm.ts";
import { lockProcess } from "./seccomp.ts";
import { warmUp } from "./warm-up.ts";
import { createLineReader, type FromChild, type ToChild } from "./wire.ts";

const STDOUT = 1;

/**
 * The script process: loads everything, locks itself in, then runs the scripts that come in on stdin and writes
 * what they did to stdout. Ends when stdin closes, so it never outlives its parent.
 */
export async function runScriptProcess(): Promise<never> {
  const createRealm = createRealmFactory(await loadRealmSources());
  const loop = createLoop(createRealm);
  process.on("uncaughtException", loop.uncaught);
  process.on("unhandledRejection", loop.uncaught);
  warmUp(createRealm);
  loop.rest();
  const read = createLineReader((line) => loop.message(line));
  const input = Bun.stdin.stream();
  disarmHostRealm();
  const lock = lockProcess();
  write({ type: "ready", ...lock });
  for await (const chunk of input) read(chunk);
  process.exit(0);
}

function createLoop(createRealm: ReturnType<typeof createRealmFactory>) {
  /** The realm of the script under way, or of the last one. */
  let realm: ScriptRealm | undefined;
  let current = 0;
  const writeFor = (type: "partial" | "finished", result: string) =>
    // The realm's JSON goes out as it is: it is read, and checked, on the other side only.
    writeLine(`{"type":"${type}","id":${current},"result":${result}}`);
  const events: RealmEvents = {
    call: (call, request) => writeLine(`{"type":"call","id":${current},"call":${call},"request":${request}}`),
    partial: (result) => writeFor("partial", result),
    finished: (result) => writeFor("finished", result),
    timedOut: () => write({ type: "timed_out", id: current }),
  };
  const shared = sharedRealm(createRealm, events);
  const own = ownRealm(createRealm, events);
  let awaited: Extract<ToChild, { type: "execute" }> | undefined;
  const execute = (message: Extract<ToChild, { type: "execute" }>, context: string) => {
    current = message.id;
    const traits = traitsOf(message.code);
    realm = own.isNeeded(traits) ? own.take(traits) : shared.take();
    realm.execute({ ...message, context });
  };
  /** Between runs. */
  const rest = () => {
    current = 0;
    realm = undefined;
    own.rest();
    shared.rest();
  };
  return {
    rest,
    message(line: string) {
      if (awaited) {
        const message = awaited;
        awaited = undefined;
        return execute(message, line);
      }
      // Only the parent writes here.
      const message = JSON.parse(line) as ToChild;
      if (message.type === "rest") rest();
      else if (message.type === "own_realm") own.require();
      else if (message.type === "execute") awaited = message;
      else if (message.id === current) realm?.reply(message.call, message.answer);
    },
    uncaught: (thrown: unknown) => realm?.uncaught(thrown),
  };
}

interface RealmKeeper {
  take(): ScriptRealm;
  /** The run is over. */
  rest(): void;
}

/** One realm that nothing can be changed in serves modest scripts of all runs: building one costs far more than a script. */
function sharedRealm(createRealm: ReturnType<typeof createRealmFactory>, events: RealmEvents): RealmKeeper {
  const create = (): ScriptRealm => {
    const realm = createRealm(events);
    realm.prepareLibraries();
    realm.freeze();
    return realm;
  };
  let realm = create();
  return {
    take() {
      // Only now: code of the last script could still run after it had finished.
      if (!realm.restore()) realm = create();
      return realm;
    },
    rest() {
      if (!realm.clear()) realm = create();
    },
  };
}

/** The other scripts of a run have a realm of its own, which no other run sees. */
function ownRealm(createRealm: ReturnType<typeof createRealmFactory>, events: RealmEvents) {
  let realm: ScriptRealm | undefined;
  let isTidy = true;
  let isUsed = false;
  let isRequired = false;
  return {
    isNeeded: ({ isModest }: Traits) => isRequired || !isModest,
    require(): void {
      isRequired = true;
    },
    take({ changesBuiltIns, changesLibraries }: Traits): ScriptRealm {
      if (!isTidy || !realm?.restore()) realm = createRealm(events);
      isUsed = true;
      isTidy = !changesLibraries;
      if (changesBuiltIns) realm.watch();
      return realm;
    },
    /** After a run that needed one, the next one is likely to: it is made ready while nobody waits. */
    rest(): void {
      realm = isUsed ? createRealm(events) : undefined;
      if (isUsed) realm?.prepareLibraries();
      isUsed = false;
      isRequired = false;
      isTidy = true;
    },
  };
}

const write = (message: FromChild): void => writeLine(JSON.stringify(message));

/** Written at once and completely: a script may be in a loop, or be killed, right after. */
function writeLine(line: string): void {
  const bytes = Buffer.from(`${line.replaceAll("\n", " ")}\n`, "utf8");
  let written = 0;
  while (written < bytes.byteLength) {
    try {
      written += writeSync(STDOUT, bytes, written);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
    }
  }
}

if (import.meta.main) await runScriptProcess();
