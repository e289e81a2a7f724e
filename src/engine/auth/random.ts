import { randomBytes } from "node:crypto";

/** A nonce that no quoting or encoding changes. */
export const randomText = (chars: number): string => randomBytes(chars).toString("hex").slice(0, chars);
