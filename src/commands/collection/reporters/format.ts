import { describePlace, type ScriptName } from "../../../contract/script-place.ts";
import type { ScriptLocation } from "../../../engine/types.ts";

export function formatMs(ms: number): string {
  if (ms < 1) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** What a server or a script wrote must not move the cursor or change the terminal. */
export const forTerminal = (text: string): string =>
  text.replaceAll("\r\n", "\n").replaceAll(control, escapeOf);

/** JSON has no escape for those beyond the first 32, and terminals obey them as well. */
function escapeOf(char: string): string {
  const escaped = JSON.stringify(char).slice(1, -1);
  return escaped === char ? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}` : escaped;
}

/** Where in the scripts, and what stands there, below a message; nothing when that is not known. */
export const placeLines = (location: ScriptLocation | undefined, script: ScriptName): string =>
  location ? `\nat ${describePlace(location, script)}:\n  ${location.text}` : "";
