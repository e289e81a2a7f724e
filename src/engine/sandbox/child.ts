import { writeSync } from "node:fs";

import { disarmHostRealm } from "./disarm.ts";
import type { RealmEvents } from "./host-operations.ts";
import { loadRealmSources } from "./libraries/load.ts";
import { createRealmFactory, type ScriptRealm } from "./script-realm.ts";
import { lockProcess } from "./seccomp.ts";
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
  const read = createLineReader((line) => loop.message(line));
  process.stdin.on("data", (chunk: Uint8Array) => read(chunk));
  const ended = new Promise<void>((resolve) => process.stdin.once("end", resolve).once("close", resolve));
  disarmHostRealm();
  const lock = lockProcess();
  write({ type: "ready", ...lock });
  await ended;
  process.exit(0);
}

/** Loads every code path that opens a file on first use: after the lock none can. */
function warmUp(createRealm: ReturnType<typeof createRealmFactory>): void {
  const silent: RealmEvents = { call() {}, partial() {}, finished() {}, timedOut() {} };
  const realm = createRealm(silent);
  const context = JSON.stringify({
    event: "test",
    scopes: { local: [], environment: [], collection: [], globals: [] },
    data: {},
    request: { method: "GET", url: "http://localhost/", header: [] },
    cookies: [],
    info: { requestName: "", requestId: "", iteration: 0, iterationCount: 1 },
    location: { path: [], current: "" },
    maxConsoleBytes: 1000,
    usesPromises: false,
  });
  const code = `pm.test("", () => pm.expect(1).to.equal(1)); crypto.randomUUID(); new URL("http://a/");
    new Date().toLocaleString(); "a".localeCompare("b"); new Intl.NumberFormat("en").format(1); /\\p{L}/u.test("a")`;
  realm.execute({ code, context, timeoutMs: 1000 });
  realm.execute({ code: "undefined.x", context, timeoutMs: 1000 });
}

function createLoop(createRealm: ReturnType<typeof createRealmFactory>) {
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
  return {
    message(line: string) {
      // Only the parent writes here.
      const message = JSON.parse(line) as ToChild;
      if (message.type === "open") {
        realm = undefined;
      } else if (message.type === "reply") {
        if (message.id === current) realm?.reply(message.call, message.answer);
      } else {
        current = message.id;
        // Only now: code of the last script could still run after it had finished.
        if (realm && !realm.restore()) realm = undefined;
        realm ??= createRealm(events);
        realm.execute(message);
      }
    },
    uncaught: (thrown: unknown) => realm?.uncaught(thrown),
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
