import type { SecretBox } from "../../lib/seal.ts";
import { HIDDEN, isVariableName } from "../revisions/describe.ts";
import { unfit } from "./texts.ts";

/** Before a secret that was typed: it goes through the preview sealed, and no page shows it again. */
const SEALED = "sealed:";

export const isTypedSecret = (text: string): boolean => text.startsWith(SEALED);

/**
 * A secret of a form as text: dots for the one that is there, the name of a variable as it is, and what is typed sealed.
 * `base` is the text before; `sent` are all values under the field's name: what is typed, and what was typed before.
 */
export function readSecret(base: string, sent: readonly string[], box: SecretBox): string {
  const text = sent.find((value) => value !== "") ?? "";
  if (text === "" || text === HIDDEN) return base === HIDDEN ? base : "";
  return isVariableName(text) || opened(text, box) !== undefined ? text : SEALED + box.seal(text);
}

/** What is stored for a text of `readSecret` that is not dots. Throws 400 at `field` for what was not sealed here. */
export function openSecret(field: string, text: string, box: SecretBox): string {
  if (!isTypedSecret(text)) return text;
  const secret = opened(text, box);
  if (secret === undefined) throw unfit(field, "Enter it again: it got lost on its way.");
  return secret;
}

function opened(text: string, box: SecretBox): string | undefined {
  if (!isTypedSecret(text)) return undefined;
  try {
    return box.open(text.slice(SEALED.length));
  } catch {
    return undefined;
  }
}
