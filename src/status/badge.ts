import { formatPercent } from "../../web/format.ts";
import type { StatusEntry, StatusView, Verdict } from "../../web/pages/status-view.ts";
import { entryWords } from "../../web/parts/status-words.ts";
import { escapeXml } from "./markup.ts";

/** White text on them has a contrast of 4.5 and more. */
const colours: Record<Verdict["tone"], string> = {
  pass: "#1c7a4d",
  fail: "#b8232f",
  warn: "#8f5600",
  live: "#215fb4",
  mute: "#5d6461",
};

const MAX_LABEL = 60;

/** Of a whole page: its title and the verdict in short. */
export const pageBadge = ({ page, verdict }: StatusView): string =>
  drawBadge({ label: page.title, message: verdict.short, colour: colours[verdict.tone] });

/** Of one monitor: its shown name, its state, and its uptime of 30 days. */
export function entryBadge({ name, state, uptime30d }: StatusEntry): string {
  const { word, tone } = entryWords[state];
  const share = uptime30d === null ? "" : ` · ${formatPercent(uptime30d)}`;
  return drawBadge({ label: name, message: `${word.toLowerCase()}${share}`, colour: colours[tone] });
}

interface Badge {
  label: string;
  message: string;
  colour: string;
}

const PADDING = 7;
const HEIGHT = 20;

function drawBadge({ label, message, colour }: Badge): string {
  const characters = Array.from(label);
  const shown = characters.length > MAX_LABEL ? `${characters.slice(0, MAX_LABEL - 1).join("")}…` : label;
  const [left, right] = [shown, message].map((text) => widthOf(text) + 2 * PADDING);
  const [leftWidth, rightWidth] = [left ?? 0, right ?? 0];
  const width = leftWidth + rightWidth;
  const [title, first, second] = [`${shown}: ${message}`, shown, message].map(escapeXml);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" role="img" aria-label="${title}">`,
    `<title>${title}</title>`,
    `<clipPath id="r"><rect width="${width}" height="${HEIGHT}" rx="4"/></clipPath>`,
    `<g clip-path="url(#r)"><rect width="${leftWidth}" height="${HEIGHT}" fill="#33383a"/>`,
    `<rect x="${leftWidth}" width="${rightWidth}" height="${HEIGHT}" fill="${colour}"/></g>`,
    `<g fill="#fff" font-family="system-ui,Segoe UI,Roboto,Helvetica,Arial,sans-serif" font-size="11">`,
    `<text x="${PADDING}" y="14" textLength="${leftWidth - 2 * PADDING}" lengthAdjust="spacingAndGlyphs">${first}</text>`,
    `<text x="${leftWidth + PADDING}" y="14" textLength="${rightWidth - 2 * PADDING}" lengthAdjust="spacingAndGlyphs">${second}</text>`,
    "</g></svg>\n",
  ].join("");
}

/** About as wide as sans-serif fonts draw it at 11 px; `textLength` makes it exact. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return Math.max(8, Math.round(width));
}

function characterWidth(character: string): number {
  if (/[ilj.,:;'|!·]/.test(character)) return 3.2;
  if (/[frt()[\]\- ]/.test(character)) return 4.2;
  if (/[mwMW%@]/.test(character)) return 9.4;
  if (/[A-Z0-9]/.test(character)) return 7;
  return (character.codePointAt(0) ?? 0) > 0x2e80 ? 11 : 6.3;
}
