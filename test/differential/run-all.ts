import type { Case } from "./case.ts";
import type { Pair } from "./compare.ts";
import { newerThanNewman } from "./newer.ts";
import { addressed, type Observation } from "./observation.ts";
import { startOracle, type Oracle } from "./oracle.ts";
import { startRecorder, type Recorder } from "./recorder.ts";
import { startSallyport } from "./sallyport.ts";

export interface BothRunners {
  /** Settles once both have run the case. */
  pairOf(id: string): Promise<Pair>;
  stop(): Promise<void>;
}

/**
 * Runs every case with newman, where that is too old with Postman's newer runtime, too, and with us as soon as these
 * are done with it: on the same port, because the port is part of what is compared.
 */
export async function startBoth(cases: Case[]): Promise<BothRunners> {
  const newman = startOracle("newman");
  const newer = startOracle("runtime");
  const sallyport = startSallyport();
  const recorders = await Promise.all(cases.map(() => startRecorder()));
  let previous: Promise<unknown> = Promise.resolve();
  const pairs = new Map(
    cases.map((source, index) => {
      const recorder = recorders[index];
      if (!recorder) throw new Error("each case has its recorder");
      const { id } = source;
      const placed = addressed(source, recorder.port);
      const observed = observe(placed, recorder, { newman, newer });
      const pair = Promise.all([observed, previous]).then(async ([theirs]): Promise<Pair> => {
        const ofOurs = await sallyport.run(placed);
        recorder.close();
        return { id, ...theirs, ours: { ...ofOurs, requests: recorder.take() } };
      });
      // A case that fails says so in its own test; the next one runs all the same.
      previous = pair.catch(() => {});
      return [id, pair];
    }),
  );
  return {
    pairOf: (id) => pairs.get(id) ?? Promise.reject(new Error(`there is no case "${id}"`)),
    stop: async () => {
      await Promise.all([newman.stop(), newer.stop()]);
      await sallyport.stop();
    },
  };
}

async function observe(
  placed: Case,
  recorder: Recorder,
  { newman, newer }: Record<"newman" | "newer", Oracle>,
): Promise<Pick<Pair, "postman" | "older">> {
  const observeWith = async (oracle: Oracle): Promise<Observation> => {
    const told = await oracle.run(placed);
    return { ...told, requests: recorder.take() };
  };
  const older = await observeWith(newman);
  return newerThanNewman.has(placed.id) ? { postman: await observeWith(newer), older } : { postman: older };
}
