import type { Child } from "hono/jsx";

import type { ScriptLocation } from "../../src/contract/events.ts";
import type { ScriptName } from "../../src/contract/script-place.ts";

type KeptSteps = "failed" | "all" | "none";

/** What is around a step, wherever it is shown. */
export interface StepSetting {
  now: Date;
  /** Address of a step's own page. */
  hrefOf: (position: number) => string;
  /** Address of the console of one step, where it can be searched. */
  consoleHrefOf: (position: number) => string;
  /** Address of a request in its collection, as that is now. */
  itemHrefOf: (itemId: string) => string;
  /** Address of a script in its collection, as that is now; undefined when it has none. */
  scriptHrefOf: (location: ScriptLocation, script: ScriptName) => string | undefined;
  /** What its monitor keeps of steps. */
  keeps: { requests: KeptSteps; responses: KeptSteps };
  /** Longest text of a body that is shown. */
  bodyChars: number;
  /** Most lines of the console that are shown. */
  consoleLines: number;
}

/** One part of what is known of a step. */
export function Part({ title, children }: { title: string; children: Child }) {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
