import type { RequestBody } from "./body.ts";

/** A call of a mock, without what no mock may see: cookies and API keys. */
export interface MockCallRequest {
  /** Upper case. */
  method: string;
  /** Below the mock, as sent; begins with a slash. */
  path: string;
  /** With its question mark; empty when there is none. */
  search: string;
  query: [string, string][];
  /** By lower-case name. */
  headers: ReadonlyMap<string, string>;
  body: RequestBody;
}
