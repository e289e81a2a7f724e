import { toError } from "../../lib/errors.ts";
import type { HeaderList } from "../types.ts";
import { HttpError, untilAborted } from "./errors.ts";

export interface EgressRequest {
  method: string;
  url: string;
  headers: HeaderList;
  body?: Uint8Array;
}

/**
 * Asked before name resolution for every request that leaves: collection requests, each redirect hop,
 * `pm.sendRequest`. `signal` says that nobody waits for the answer any more.
 */
export interface EgressGate {
  check(request: EgressRequest, signal: AbortSignal): Promise<{ allowed: boolean; detail?: string }>;
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
  throw new HttpError("egress_denied", verdict.detail ?? `the egress gate denied ${method} ${url}`);
}

async function ask(
  gate: EgressGate,
  request: EgressRequest,
  signal: AbortSignal,
): Promise<{ allowed: boolean; detail?: string }> {
  try {
    return await gate.check(request, signal);
  } catch (error) {
    return { allowed: false, detail: `the egress gate could not be asked: ${toError(error).message}` };
  }
}
