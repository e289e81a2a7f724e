import { afterEach, beforeEach, expect, test } from "bun:test";
import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { newId } from "../../src/lib/ids.ts";
import { createLog } from "../../src/lib/log.ts";
import { openSpoolFolder } from "../../src/runner/spool-folder.ts";
import { BATCH_BYTES, RunSpool } from "../../src/runner/spool.ts";

let folder = "";
let path = "";
let lines: string[] = [];
const log = createLog({
  write: (line) => void lines.push(line),
  now: () => new Date(0),
  format: "json",
  level: "debug",
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spool-test-"));
  path = join(folder, "run.jsonl");
  lines = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const event = (seq: number, type = "step_started", text = ""): string => JSON.stringify({ seq, type, text });
const create = () => RunSpool.create({ path, runId: newId(), attempt: 1, log });
const recover = () => RunSpool.recover({ path, runId: newId(), attempt: 1, log });

/** Everything that is left, batch by batch, each acknowledged. */
async function sendAll(spool: RunSpool): Promise<string[]> {
  const sent: string[] = [];
  for (let batch = await spool.nextBatch(); batch; batch = await spool.nextBatch()) {
    sent.push(...batch.lines);
    spool.acknowledge(batch, batch.lastSeq);
  }
  return sent;
}

test("an event is on disk, readable by its user only, before append returns", async () => {
  const spool = await create();

  await spool.append(event(1));

  expect(await readFile(path, "utf8")).toBe(`${event(1)}\n`);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await spool.close();
});

test("batches keep the order, stay below their size, and one bigger event is a batch of its own", async () => {
  const spool = await create();
  const written = [
    ...Array.from({ length: 40 }, (_, index) => event(index + 1, "step_started", "ä".repeat(2_000))),
    event(41, "step_finished", "x".repeat(3 * BATCH_BYTES)),
    event(42, "run_finished"),
  ];
  for (const line of written) await spool.append(line);

  const sizes: number[] = [];
  const sent: string[] = [];
  for (let batch = await spool.nextBatch(); batch; batch = await spool.nextBatch()) {
    sizes.push(Buffer.byteLength(batch.lines.join("\n")));
    sent.push(...batch.lines);
    spool.acknowledge(batch, batch.lastSeq);
  }

  expect(sent).toEqual(written);
  expect(sizes.filter((size) => size > BATCH_BYTES)).toHaveLength(1);
  await spool.close();
});

test("what is acknowledged only in part is offered again from there", async () => {
  const spool = await create();
  for (const seq of [1, 2, 3]) await spool.append(event(seq));

  const first = await spool.nextBatch();
  const progressed = first && spool.acknowledge(first, 2);
  const second = await spool.nextBatch();

  expect(progressed).toBe(true);
  expect(second?.lines).toEqual([event(3)]);
  await spool.close();
});

test.each([
  ["a torn last line", '{"seq":3,"type":"step_fin'],
  ["zeros after a power cut", "\0".repeat(100_000)],
  ["a line of garbage", "\xff\xfe not json\n"],
  ["a torn character", Buffer.from('{"seq":3,"type":"x","text":"ä').subarray(0, -1)],
])("%s is cut off, what stands before it is kept", async (_, garbage) => {
  await writeFile(path, `${event(1)}\n${event(2)}\n`);
  await appendFile(path, garbage, "latin1");

  const spool = await recover();

  expect(await sendAll(spool)).toEqual([event(1), event(2)]);
  await spool.close();
});

test("a spool cut at any byte recovers exactly its whole lines", async () => {
  const text = [event(1, "a", "ü"), event(2, "b"), event(3, "c", "x")].map((line) => `${line}\n`).join("");
  const bytes = Buffer.from(text);
  const recovered: number[] = [];

  for (let length = 0; length <= bytes.byteLength; length++) {
    await writeFile(path, bytes);
    await truncate(path, length);
    const spool = await recover();
    recovered.push((await sendAll(spool)).length);
    await spool.close();
  }

  const wholeLines = recovered.map(
    (_, length) => bytes.subarray(0, length).toString("latin1").split("\n").length - 1,
  );
  expect(recovered).toEqual(wholeLines);
});

test("a disk that refuses the file leaves the run in memory, with an error in the log", async () => {
  path = join(folder, "missing", "run.jsonl");
  const spool = await create();

  await spool.append(event(1));
  await spool.append(event(2, "run_finished"));

  expect(await sendAll(spool)).toEqual([event(1), event(2, "run_finished")]);
  expect(lines.filter((line) => line.includes('"error"'))).toHaveLength(1);
  await spool.remove();
});

test("memory that is full makes the run wait until something is sent", async () => {
  path = join(folder, "missing", "run.jsonl");
  const spool = await create();
  const big = "x".repeat(5 * 1024 * 1024);
  await spool.append(event(1, "step_finished", big));
  await spool.append(event(2, "step_finished", big));

  const waiting = spool.append(event(3));
  const state = await Promise.race([waiting.then(() => "stored"), Promise.resolve("waiting")]);
  const batch = await spool.nextBatch();
  if (batch) spool.acknowledge(batch, 1);
  await waiting;

  expect(state).toBe("waiting");
  expect((await sendAll(spool)).map((line) => line.slice(0, 9))).toEqual(['{"seq":2,', '{"seq":3,']);
  await spool.remove();
});

const openFolder = (uniqueId: string, runnerId = "runner") =>
  openSpoolFolder({ dataDir: folder, runnerId, uniqueId, log });

test("the spool of a living instance is not taken over, that of an ended one is, once", async () => {
  const runId = newId();
  const owner = await openFolder("one");
  const spool = await owner.create({ runId, attempt: 2 });
  await spool.append(event(1));
  const second = await openFolder("two");
  const third = await openFolder("three");

  const whileAlive = await second.takeOverLeft();
  await spool.close();
  await owner.release();
  const afterwards = await second.takeOverLeft();
  const again = [...(await second.takeOverLeft()), ...(await third.takeOverLeft())];

  expect(whileAlive).toEqual([]);
  expect(afterwards.map((left) => [left.runId, left.attempt])).toEqual([[runId, 2]]);
  expect(again).toEqual([]);
  await Promise.all([second.release(), third.release()]);
});

test("the spool of another runner in the same folder is left alone", async () => {
  const other = await openFolder("one", "other-runner");
  const spool = await other.create({ runId: newId(), attempt: 1 });
  await spool.append(event(1));
  await spool.close();
  await other.release();
  const own = await openFolder("two");

  expect(await own.takeOverLeft()).toEqual([]);
  await own.release();
});

test("an instance that ends with nothing left leaves nothing behind", async () => {
  const own = await openFolder("one");
  const spool = await own.create({ runId: newId(), attempt: 1 });
  await spool.append(event(1));
  await spool.remove();

  await own.release();

  expect(await readdir(join(folder, "spool", "runner"))).toEqual([]);
});
