import type { Clock } from "../lib/clock.ts";
import { AppError, toError } from "../lib/errors.ts";
import { newId } from "../lib/ids.ts";
import type { Log } from "../lib/log.ts";
import { createSealingKeys } from "../lib/seal.ts";
import type { Secrets } from "../lib/secrets.ts";
import { VERSION } from "../lib/version.ts";
import { CallError, type ControlPlane } from "./client.ts";
import { watchContact } from "./contact.ts";
import type { RunEngine } from "./execute.ts";
import { sendLeftRuns } from "./left-runs.ts";
import { claimRuns, Poll, sendHeartbeats, watchLeases } from "./loop.ts";
import { register, type Registration } from "./registration.ts";
import { createRunBook, type RunBook } from "./run-book.ts";
import { passSelfTest, type SelfTest } from "./self-test.ts";
import { openSpoolFolder, type SpoolFolder } from "./spool-folder.ts";
import { createTally, type Tally } from "./tally.ts";
import { createUsageMeter, type ReadScripts } from "./usage.ts";

export interface RunnerConfig {
  runnerId: string;
  /** Folder of the spool; instances may share it. */
  dataDir: string;
  /** Most runs at the same time. */
  concurrency: number;
  hostname: string;
  osType: string;
  /** How long a stopping runner tries to deliver its last results, in ms; default 30 s. */
  deliverMs?: number;
}

export interface RunnerDeps {
  controlPlane: ControlPlane;
  engine: RunEngine;
  /** Secrets that never leave the runner: `{{vault:name}}` and `pm.vault.get`; absent = there is no vault. */
  vault?: Secrets;
  clock: Clock;
  log: Log;
  /** Must pass before the first run is taken; absent = nothing is tested. */
  selfTest?: SelfTest;
  /** What else uses the machine on behalf of this instance; absent = nothing does. */
  scriptProcesses?: ReadScripts;
}

export interface RunnerStatus {
  registered: boolean;
  /** The boot self-test has passed. */
  tested: boolean;
  stopping: boolean;
  executing: number;
  held: number;
  finished: RunBook["finished"];
  /** ms since the last answer of the control plane; undefined = none yet. */
  lastAnswerAgeMs: number | undefined;
  spoolBytes: number;
  tally: Tally;
}

export interface RunningRunner {
  /** Resolves when stopped as asked; rejects with a sentence when the runner cannot go on. */
  finished: Promise<void>;
  /** Takes no new runs, finishes those under way, delivers everything, then stops. */
  drain(): void;
  /** Stops the runs under way, reports them as aborted, then stops. */
  cancel(): void;
  status(): Promise<RunnerStatus>;
}

const DELIVER_MS = 30_000;
/** How long a waiting claim may take to be answered once the control plane knows that this instance drains. */
const LAST_CLAIM_MS = 10_000;
const DRAIN_TIMEOUT_MS = 5_000;
const DEREGISTER_TIMEOUT_MS = 5_000;

/** Starts one instance of a runner: registers, claims, executes, delivers, until drained or cancelled. */
export function startRunner(config: RunnerConfig, deps: RunnerDeps): RunningRunner {
  const { controlPlane, contact } = watchContact(deps.controlPlane, deps.log);
  const session = new Session(config, { ...deps, controlPlane });
  return {
    finished: session.run(),
    drain: () => session.drain(),
    cancel: () => session.cancel(),
    status: async () => ({
      ...(await session.status()),
      lastAnswerAgeMs:
        contact.lastAnswerMs === undefined ? undefined : performance.now() - contact.lastAnswerMs,
    }),
  };
}

/** One life of an instance, from the lock of its folder to its sign-off. */
class Session {
  readonly #config: RunnerConfig;
  readonly #deps: RunnerDeps;
  /** Aborted when no new work is wanted. */
  readonly #claiming = new AbortController();
  /** Aborted when not even the answer of a waiting claim is wanted. */
  readonly #abandoning = new AbortController();
  readonly #tally = createTally();
  /** Aborted when nothing more is sent. */
  readonly #sending = new AbortController();
  readonly #uniqueId = newId();
  #fatal: unknown;
  #folder: SpoolFolder | undefined;
  #registration: Registration | undefined;
  #book: RunBook | undefined;
  #tested = false;
  #signedOff: Promise<void> | undefined;

  constructor(config: RunnerConfig, deps: RunnerDeps) {
    this.#config = config;
    this.#deps = deps;
  }

  drain(): void {
    this.#claiming.abort();
    this.#signedOff ??= this.#endWaitingClaim();
  }

  cancel(): void {
    this.#claiming.abort();
    this.#abandoning.abort();
    this.#book?.cancelAll();
  }

  /**
   * Has the control plane answer the claim that waits there. Cutting the connection instead could lose a run: one that was
   * claimed in the same moment would be leased to an instance that never hears of it.
   */
  async #endWaitingClaim(): Promise<void> {
    const instanceId = this.#registration?.current().instanceId;
    if (instanceId === undefined) return this.#abandoning.abort();
    try {
      await this.#deps.controlPlane.drain({ instanceId }, { timeoutMs: DRAIN_TIMEOUT_MS });
      await this.#deps.clock.sleep(LAST_CLAIM_MS, this.#abandoning.signal);
    } catch (error) {
      this.#deps.log.debug("control plane does not end the claim", { why: toError(error).message });
    } finally {
      this.#abandoning.abort();
    }
  }

  /** A person asked for it on the page or by the API, so the control plane knows already. */
  #drainAsAsked(): void {
    if (this.#claiming.signal.aborted) return;
    this.#deps.log.info("drain is asked for by the control plane");
    this.#claiming.abort();
  }

  async status(): Promise<Omit<RunnerStatus, "lastAnswerAgeMs">> {
    return {
      registered: this.#registration !== undefined,
      tested: this.#tested,
      tally: this.#tally,
      stopping: this.#claiming.signal.aborted,
      executing: this.#book?.executing() ?? 0,
      held: this.#book?.held().length ?? 0,
      finished: this.#book?.finished ?? { passed: 0, failed: 0, errored: 0, aborted: 0, dropped: 0 },
      spoolBytes: (await this.#folder?.sizeBytes()) ?? 0,
    };
  }

  async run(): Promise<void> {
    const { dataDir, runnerId } = this.#config;
    const folder = await openSpoolFolder({
      dataDir,
      runnerId,
      uniqueId: this.#uniqueId,
      log: this.#deps.log,
    });
    this.#folder = folder;
    try {
      await this.#runIn(folder);
    } catch (error) {
      if (!this.#claiming.signal.aborted || this.#fatal !== undefined) throw inOneSentence(error);
    } finally {
      await folder.release();
    }
  }

  async #runIn(folder: SpoolFolder): Promise<void> {
    const keys = createSealingKeys();
    const registration = await this.#register(keys.publicKey);
    this.#registration = registration;
    const shared = {
      ...this.#deps,
      registration,
      folder,
      tally: this.#tally,
      usage: createUsageMeter(this.#deps.scriptProcesses),
      poll: new Poll(),
      sendSignal: this.#sending.signal,
      onDrain: () => this.#drainAsAsked(),
    };
    const book = createRunBook({
      ...shared,
      openSealed: (sealed) => keys.open(sealed),
      concurrency: this.#config.concurrency,
      onFatal: (error) => this.#fail(error),
    });
    this.#book = book;
    const over = new AbortController();
    const own = (task: Promise<void>) => task.catch((error: unknown) => this.#fail(error));
    const leftRuns = own(sendLeftRuns(shared, this.#claiming.signal));
    const heartbeats = own(sendHeartbeats({ ...shared, book }, over.signal));
    const leases = own(watchLeases({ ...shared, book }, over.signal));

    await own(this.#testItself(registration));
    await own(claimRuns({ ...shared, book }, this.#claiming.signal, this.#abandoning.signal));
    this.#abandoning.abort();
    await this.#deliverAll(book, leftRuns);

    over.abort();
    await Promise.all([heartbeats, leases, this.#signedOff]);
    if (this.#fatal !== undefined) throw this.#fatal;
    await this.#deregister(registration);
  }

  async #testItself(registration: Registration): Promise<void> {
    const { selfTest } = this.#deps;
    if (selfTest) await passSelfTest({ ...this.#deps, selfTest, registration }, this.#claiming.signal);
    this.#tested = !this.#claiming.signal.aborted;
  }

  #register(publicKey: string): Promise<Registration> {
    const { hostname, osType, concurrency } = this.#config;
    return register(
      { hostname, osType, concurrency, publicKey, uniqueId: this.#uniqueId, version: VERSION },
      { ...this.#deps, signal: this.#claiming.signal },
    );
  }

  /** Waits until every run has ended, then a limited time until every result is delivered. */
  async #deliverAll(book: RunBook, leftRuns: Promise<void>): Promise<void> {
    while (book.executing() > 0) await book.changed.wait();
    const limit = setTimeout(() => this.#sending.abort(), this.#config.deliverMs ?? DELIVER_MS);
    while (book.held().length > 0) await book.changed.wait();
    await leftRuns;
    clearTimeout(limit);
    this.#sending.abort();
  }

  async #deregister(registration: Registration): Promise<void> {
    const { instanceId } = registration.current();
    try {
      await this.#deps.controlPlane.deregister({ instanceId }, { timeoutMs: DEREGISTER_TIMEOUT_MS });
    } catch (error) {
      // Without it the control plane notices the missing heartbeats; results are not affected.
      this.#deps.log.warn("runner could not sign off", { why: inOneSentence(error).message });
    }
  }

  #fail(error: unknown): void {
    this.#fatal ??= error;
    this.cancel();
    this.#sending.abort();
  }
}

const inOneSentence = (error: unknown): Error =>
  error instanceof CallError ? new AppError("unavailable", error.message, { cause: error }) : toError(error);
