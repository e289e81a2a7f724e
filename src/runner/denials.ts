import type { EgressGate } from "../engine/http/gate.ts";

/** The same gate, and how many requests it has kept from leaving since the start. */
export function countDenials(gate: EgressGate): { gate: EgressGate; denials: () => number } {
  let denials = 0;
  return {
    denials: () => denials,
    gate: {
      ...gate,
      async check(request, signal) {
        const verdict = await gate.check(request, signal);
        if (!verdict.allowed) denials++;
        return verdict;
      },
      onRefused(hostname, why) {
        denials++;
        gate.onRefused?.(hostname, why);
      },
    },
  };
}
