import type { Case } from "./case.ts";
import type { Pair } from "./compare.ts";
import { startNewman } from "./newman.ts";
import { addressed } from "./observation.ts";
import { startRecorder } from "./recorder.ts";
import { startSallyport } from "./sallyport.ts";

export interface BothRunners {
  /** Settles once both have run the case. */
  pairOf(id: string): Promise<Pair>;
  stop(): Promise<void>;
}

/**
 * Runs every case with newman, and with us as soon as newman is done with it: on the same port, because the
 * port is part of what is compared.
 */
export async function startBoth(cases: Case[]): Promise<BothRunners> {
  const newman = startNewman();
  const sallyport = startSallyport();
  const recorders = await Promise.all(cases.map(() => startRecorder()));
  let previous: Promise<unknown> = Promise.resolve();
  const pairs = new Map(
    cases.map((source, index) => {
      const recorder = recorders[index];
      if (!recorder) throw new Error("each case has its recorder");
      const { id } = source;
      const placed = addressed(source, recorder.port);
      const told = newman.run(placed);
      const pair = Promise.all([told, previous]).then(async ([ofNewman]): Promise<Pair> => {
        const theirs = { ...ofNewman, requests: recorder.take() };
        const ofOurs = await sallyport.run(placed);
        recorder.close();
        return { id, newman: theirs, ours: { ...ofOurs, requests: recorder.take() } };
      });
      // A case that fails says so in its own test; the next one runs all the same.
      previous = pair.catch(() => {});
      return [id, pair];
    }),
  );
  return {
    pairOf: (id) => pairs.get(id) ?? Promise.reject(new Error(`there is no case "${id}"`)),
    stop: async () => {
      await newman.stop();
      await sallyport.stop();
    },
  };
}
