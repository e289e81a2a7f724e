/**
 * The only way out of a realm: one host function that takes and gives strings. It lives in closures, never in
 * anything that a script can reach, and a host error never travels into the realm.
 */
export type HostCall = (operation: HostOperation, text: string, number: number) => string;

export type HostOperation =
  | "library" // loads a bundled library into the realm: "" when there is none
  | "timer" // starts timer `number` after `text` ms; a negative number repeats
  | "clearTimer"
  | "call" // asks the engine: the answer comes back through `reply(number, …)`
  | "partial" // console entries and assertions so far
  | "finish"
  | "idle" // calls back once no promise can run any further
  | "bodyText" // body of the response under test as UTF-8
  | "bodyBase64"
  | "decode" // base64 → UTF-8 text
  | "encode" // UTF-8 text → base64
  | "decodeAs" // JSON {label, fatal, base64} → JSON {text} or {error}
  | "hash" // JSON {algorithm, value, key?} in base64 → digest or HMAC in base64
  | "random" // `number` random bytes as base64
  | "url" // JSON [href, base] → JSON parts, "" when invalid
  | "now"; // ms with a fraction, monotonic

export interface Bridge {
  call(operation: HostOperation, text?: string, number?: number): string;
}

export function createBridge(hostCall: HostCall): Bridge {
  const Failure = RangeError;
  return {
    call(operation, text = "", number = 0) {
      let answer: string;
      try {
        answer = hostCall(operation, text, number);
      } catch {
        // At the edge of the stack the host throws an error of its own realm: scripts must not get hold of it.
        throw new Failure("Maximum call stack size exceeded");
      }
      return answer;
    },
  };
}
