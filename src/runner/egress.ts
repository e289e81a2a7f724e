import { refuseAddress, refuseHost, type EgressRules } from "../engine/http/egress-rules.ts";
import type { EgressGate, EgressRequest, EgressVerdict } from "../engine/http/gate.ts";
import type { Log } from "../lib/log.ts";
import type { AuthorizationService } from "./authorization.ts";

export interface EgressOptions {
  rules: EgressRules;
  /** Asked about what the rules allow; absent = the rules alone decide. */
  authorization?: AuthorizationService;
  log: Log;
}

/** The way out of a runner: its own rules first, then the authorization service, then the rules about addresses. */
export function createEgressGate({ rules, authorization, log }: EgressOptions): EgressGate {
  const deny = (facts: { method?: string; host: string }, why: string): EgressVerdict => {
    log.warn("request blocked by policy", { ...facts, why });
    return { allowed: false, detail: why };
  };

  async function decide(egress: EgressRequest, signal: AbortSignal): Promise<EgressVerdict> {
    const { method, hostname, dialer } = egress;
    // Addresses carry keys; the log names the host only.
    const facts = { method, host: hostname };
    const refusal = refuseHost(rules, hostname, dialer);
    if (refusal !== undefined) return deny(facts, refusal);
    const verdict = await authorization?.check(egress, signal);
    if (verdict === undefined || verdict.allowed) return { allowed: true };
    return deny(facts, verdict.detail ?? "the authorization service does not allow it");
  }

  return {
    check: decide,
    refuseAddress: (hostname, address) => refuseAddress(rules, hostname, address),
    onRefused: (host, why) => void deny({ host }, why),
  };
}
