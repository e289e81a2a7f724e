import type { Bridge } from "./bridge.ts";
import { type Bytes, toBytes } from "./bytes.ts";
import { parse, stringify } from "./json-text.ts";

/** `TextEncoder` and `TextDecoder`, which the host does the work for. */
export function createTextClasses(bridge: Bridge) {
  class TextEncoder {
    readonly encoding = "utf-8";

    encode(text: unknown = ""): Uint8Array {
      return Uint8Array.fromBase64(bridge.call("encode", String(text)));
    }

    encodeInto(text: unknown, target: Uint8Array): { read: number; written: number } {
      let [read, written] = [0, 0];
      for (const character of String(text)) {
        const bytes = this.encode(character);
        if (written + bytes.length > target.length) break;
        target.set(bytes, written);
        written += bytes.length;
        read += character.length;
      }
      return { read, written };
    }
  }

  class TextDecoder {
    readonly encoding: string;
    readonly fatal: boolean;
    readonly ignoreBOM = false;

    constructor(label: unknown = "utf-8", options: { fatal?: boolean } = {}) {
      this.fatal = options.fatal ?? false;
      this.encoding = decode(String(label), false, "").encoding;
    }

    decode(bytes?: Bytes): string {
      if (bytes === undefined) return "";
      return decode(this.encoding, this.fatal, toBytes(bytes).toBase64()).text;
    }
  }

  function decode(label: string, fatal: boolean, base64: string): { text: string; encoding: string } {
    // The host wrote this text.
    const answer = parse(bridge.call("decodeAs", stringify({ label, fatal, base64 }))) as
      | { text: string; encoding: string }
      | { error: string };
    if (!("error" in answer)) return answer;
    if (answer.error === "label") throw new RangeError(`The "${label}" encoding is not supported`);
    throw new TypeError("The encoded data was not valid for encoding " + label);
  }

  return { TextEncoder, TextDecoder };
}
