import { toError } from "../../lib/errors.ts";
import type { HeaderList } from "../types.ts";
import type { Address } from "./connector.ts";
import type { Dialer } from "./egress-rules.ts";
import { HttpError, untilAborted } from "./errors.ts";

export interface EgressRequest {
  method: string;
  url: string;
  headers: HeaderList;
  body?: Uint8Array;
  /** What is looked up, and by whom; of an address, what is dialled. */
  hostname: string;
  dialer: Dialer;
}

export interface EgressVerdict {
  allowed: boolean;
  /** Why not, for a person. */
  detail?: string;
}

/** The one way out of the engine. */
export interface EgressGate {
  /**
   * Asked before name resolution for every request that leaves: collection requests, each redirect hop,
   * `pm.sendRequest`, requests for tokens. `signal` says that nobody waits for the answer any more.
   */
  check(request: EgressRequest, signal: AbortSignal): Promise<EgressVerdict>;
  /**
   * Why an address that a name led to must not be dialled; undefined = it may. Asked for every new connection, and the
   * addresses that pass are those that are dialled: a name that leads elsewhere the next time gains nothing.
   */
  refuseAddress?(hostname: string, address: string): string | undefined;
  /** Told what `refuseAddress` led to: no address was left. */
  onRefused?(hostname: string, why: string): void;
}

export const openGate: EgressGate = { check: () => Promise.resolve({ allowed: true }) };

/** Returns only when the gate said yes; a gate that fails has said no. Throws `HttpError`. */
export async function passGate(gate: EgressGate, request: EgressRequest, signal: AbortSignal): Promise<void> {
  if (gate === openGate) return;
  const verdict = await untilAborted(ask(gate, request, signal), signal);
  // Whatever stands behind the interface: nothing but true is a yes.
  const isAllowed: unknown = verdict.allowed;
  if (isAllowed === true) return;
  const { method, url } = request;
  throw blocked(verdict.detail ?? `the egress gate denied ${method} ${url}`);
}

const blocked = (why: string): HttpError => new HttpError("egress_denied", `blocked by policy: ${why}`);

/** The addresses that may be dialled, in their order. Throws `HttpError` when there is none. */
export function passAddresses(gate: EgressGate, hostname: string, addresses: Address[]): Address[] {
  if (!gate.refuseAddress) return addresses;
  let why = "";
  const passed = addresses.filter(({ address }) => {
    const refusal = gate.refuseAddress?.(hostname, address);
    if (refusal !== undefined) why ||= refusal;
    return refusal === undefined;
  });
  if (passed.length > 0) return passed;
  gate.onRefused?.(hostname, why);
  throw blocked(why);
}

async function ask(gate: EgressGate, request: EgressRequest, signal: AbortSignal): Promise<EgressVerdict> {
  try {
    return await gate.check(request, signal);
  } catch (error) {
    return { allowed: false, detail: `the egress gate could not be asked: ${toError(error).message}` };
  }
}
