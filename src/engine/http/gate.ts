import type { HeaderList } from "../types.ts";

export interface EgressRequest {
  method: string;
  url: string;
  headers: HeaderList;
  body?: Uint8Array;
}

/**
 * Asked before name resolution for every request that leaves: collection requests, each redirect hop,
 * `pm.sendRequest`. Whatever goes wrong inside must come out as `allowed: false`.
 */
export interface EgressGate {
  check(request: EgressRequest, signal: AbortSignal): Promise<{ allowed: boolean; detail?: string }>;
}

export const openGate: EgressGate = { check: () => Promise.resolve({ allowed: true }) };
