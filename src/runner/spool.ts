import { open, rm, type FileHandle } from "node:fs/promises";

import { toError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { endOfJsonLines, readLines, writeFully } from "./file-lines.ts";
import { createWakeup, type Wakeup } from "./wakeup.ts";

/** Size at which a batch is full, in bytes; one larger event is a batch of its own. */
export const BATCH_BYTES = 64 * 1024;
const BATCH_EVENTS = 500;
/** What a run may hold in memory when the disk does not take it, in bytes; past it the run waits for the sender. */
const MEMORY_BYTES = 8 * 1024 * 1024;

export interface Batch {
  /** JSON texts of events, in order. */
  lines: string[];
  lastSeq: number;
}

export interface SpoolOptions {
  path: string;
  runId: string;
  attempt: number;
  log: Log;
}

/**
 * The events of one attempt of a run between engine and control plane: appended to a file first, read back in
 * batches, advanced when acknowledged. Reading streams, so memory does not grow with the run.
 */
export class RunSpool {
  readonly runId: string;
  readonly attempt: number;
  /** Notified whenever there is more to send. */
  readonly changed: Wakeup = createWakeup();
  readonly #path: string;
  readonly #log: Log;
  #file: FileHandle | undefined;
  /** End of the last event that is whole on disk. */
  #written = 0;
  /** Start of the first event that is not acknowledged. */
  #sent = 0;
  /** Events after those on disk, once the disk has failed. */
  readonly #memory: string[] = [];
  #memoryBytes = 0;
  #diskFailed = false;
  #complete = false;
  #closed = false;
  readonly #drained: Wakeup = createWakeup();
  #syncing: Promise<void> = Promise.resolve();

  private constructor(options: SpoolOptions) {
    this.runId = options.runId;
    this.attempt = options.attempt;
    this.#path = options.path;
    this.#log = options.log.with({ runId: options.runId, attempt: options.attempt });
  }

  /** An empty spool; a disk that refuses even the file leaves a spool in memory. */
  static async create(options: SpoolOptions): Promise<RunSpool> {
    const spool = new RunSpool(options);
    try {
      spool.#file = await open(options.path, "wx+", 0o600);
    } catch (error) {
      spool.#failDisk(error);
    }
    return spool;
  }

  /** What a dead process left behind, without the line that its death tore. Nothing is appended to it any more. */
  static async recover(options: SpoolOptions): Promise<RunSpool> {
    const spool = new RunSpool(options);
    spool.#file = await open(options.path, "r");
    spool.#written = await endOfJsonLines(spool.#file);
    spool.#complete = true;
    return spool;
  }

  get unsentBytes(): number {
    return this.#written - this.#sent + this.#memoryBytes;
  }

  /** Nothing will be appended any more. */
  get complete(): boolean {
    return this.#complete;
  }

  /**
   * Resolves when the event is stored, or held in memory on a broken disk; a closed spool takes nothing more.
   * `line` starts with `{"seq":N,"type":"…"`.
   */
  async append(line: string): Promise<void> {
    if (this.#closed) return;
    if (!this.#diskFailed) await this.#appendToFile(line);
    if (this.#diskFailed) await this.#appendToMemory(line);
    if (headOf(line).type === "run_finished") this.#finish();
    this.changed.notify();
  }

  /** The events after the acknowledged ones; undefined when there are none at the moment. */
  async nextBatch(): Promise<Batch | undefined> {
    const lines = this.#sent < this.#written ? await this.#readStored() : this.#memory.slice(0, BATCH_EVENTS);
    const kept = withinBatch(lines);
    const lastLine = kept.at(-1);
    if (lastLine === undefined) return undefined;
    return { lines: kept, lastSeq: headOf(lastLine).seq };
  }

  /** Forgets the events of a batch up to `seq`; true when that was at least one. */
  acknowledge(batch: Batch, seq: number): boolean {
    const done = seq >= batch.lastSeq ? batch.lines : batch.lines.filter((line) => headOf(line).seq <= seq);
    for (const line of done) this.#pass(Buffer.byteLength(line));
    this.#drained.notify();
    return done.length > 0;
  }

  /** Nothing comes any more, even without `run_finished`. */
  seal(): void {
    this.#complete = true;
    this.changed.notify();
  }

  async close(): Promise<void> {
    await this.#syncing;
    this.#closed = true;
    this.#drained.notify();
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  /** Deletes the file: all of it is delivered, or nobody wants it any more. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
  }

  async #appendToFile(line: string): Promise<void> {
    const file = this.#openFile();
    try {
      const bytes = Buffer.from(`${line}\n`);
      await writeFully(file, bytes, this.#written);
      this.#written += bytes.byteLength;
    } catch (error) {
      if (this.#closed) return;
      this.#failDisk(error);
      // Half a line must not stand in the way of a reader after a crash; if this fails too, recovery cuts it off.
      await file.truncate(this.#written).catch(() => undefined);
    }
  }

  async #appendToMemory(line: string): Promise<void> {
    while (this.#memoryBytes > MEMORY_BYTES && !this.#closed) await this.#drained.wait();
    this.#memory.push(line);
    this.#memoryBytes += Buffer.byteLength(line);
  }

  #finish(): void {
    this.#complete = true;
    // Not waited for: a power cut matters only while the control plane does not have the result yet.
    if (this.#file) this.#syncing = this.#file.sync().catch((error: unknown) => this.#failDisk(error));
  }

  #failDisk(error: unknown): void {
    this.#diskFailed = true;
    const why = toError(error).message;
    this.#log.error("spool cannot be written; events are kept in memory", { path: this.#path, why });
  }

  #pass(sizeBytes: number): void {
    if (this.#sent < this.#written) {
      this.#sent += sizeBytes + 1;
      return;
    }
    this.#memory.shift();
    this.#memoryBytes -= sizeBytes;
  }

  async #readStored(): Promise<string[]> {
    const lines = await readLines(this.#openFile(), this.#sent, this.#written);
    if (lines.length === 0) throw new Error(`spool ${this.#path} was changed by somebody else`);
    return lines.slice(0, BATCH_EVENTS).map((line) => line.toString("utf8"));
  }

  #openFile(): FileHandle {
    if (!this.#file) throw new Error(`spool ${this.#path} is closed`);
    return this.#file;
  }
}

/** Number and type of an event without parsing all of it; 0 for a line that is not an event. */
export function headOf(line: string): { seq: number; type: string } {
  const match = /^\{"seq":(\d+),"type":"(\w+)"/.exec(line);
  return { seq: Number(match?.[1] ?? 0), type: match?.[2] ?? "" };
}

function withinBatch(lines: string[]): string[] {
  let bytes = 0;
  const fits = lines.filter((line) => (bytes += Buffer.byteLength(line) + 1) <= BATCH_BYTES);
  return fits.length > 0 ? fits : lines.slice(0, 1);
}
