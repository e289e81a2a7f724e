export interface Secret {
  name: string;
  value: string;
}

/** Shorter values are left alone: replacing every `a` or `42` would destroy the result and protect nothing. */
export const MIN_SECRET_CHARS = 4;
/** A piece of Base64 shorter than this would be found by chance. */
const MIN_BASE64_CHARS = 6;

/** So much of a secret before the end of a text is taken for a secret that was cut off there. */
const MIN_CUT_CHARS = 8;

interface Needle {
  text: string;
  name: string;
  /** Found inside Base64, where the whole word has to go. */
  isBase64: boolean;
}

interface Span {
  start: number;
  end: number;
  name: string;
}

/**
 * Makes a function that replaces secret values in a text by `«name»`: as they are, percent-encoded, escaped for
 * JSON or HTML, inside Base64 (so also in Basic credentials), and cut off at the end of the text.
 */
export function createRedactor(secrets: Secret[]): (text: string) => string {
  const needles = secrets.flatMap(needlesOf);
  if (needles.length === 0) return (text) => text;
  return (text) => {
    const spans = needles.flatMap((needle) => findSpans(text, needle));
    return spans.length === 0 ? text : replaceSpans(text, spans);
  };
}

function needlesOf({ name, value }: Secret): Needle[] {
  const plain = new Set<string>();
  const add = (text: string) => {
    if (text.length >= MIN_SECRET_CHARS) plain.add(text);
  };
  for (const text of [value, value.trim()]) {
    add(text);
    if (text.trim().length < MIN_SECRET_CHARS) continue;
    const component = encodeURIComponent(text.toWellFormed());
    for (const encoded of [component, encodeURI(text.toWellFormed()), component.replaceAll("%20", "+")]) {
      add(encoded);
      add(encoded.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()));
    }
    add(component.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`));
    const json = JSON.stringify(text).slice(1, -1);
    add(json);
    add(JSON.stringify(json).slice(1, -1));
    add(
      text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;"),
    );
  }
  if (plain.size === 0) return [];
  return [
    ...[...plain].map((text) => ({ text, name, isBase64: false })),
    ...base64Cores(value).map((text) => ({ text, name, isBase64: true })),
  ];
}

/** The letters that Base64 has for these bytes wherever they stand: three ways to fall on its groups of three. */
function base64Cores(value: string): string[] {
  const bytes = Buffer.from(value);
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    // Letters that mix in neighbouring bytes are not certain: cut them.
    const start = Math.ceil((before * 8) / 6);
    const end = Math.floor(((before + bytes.length) * 8) / 6);
    const core = encoded.slice(start, end);
    if (core.length < MIN_BASE64_CHARS) return [];
    const urlCore = core.replaceAll("+", "-").replaceAll("/", "_");
    return urlCore === core ? [core] : [core, urlCore];
  });
}

function findSpans(text: string, { text: needle, name, isBase64 }: Needle): Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + needle.length)) {
    const span = { start: at, end: at + needle.length, name };
    spans.push(isBase64 ? widen(text, span) : span);
  }
  const cut = isBase64 ? 0 : cutLength(text, needle);
  if (cut > 0) spans.push({ start: text.length - cut, end: text.length, name });
  return spans;
}

const isBase64Char = (code: number): boolean =>
  (code >= 48 && code <= 57) || // 0-9
  (code >= 65 && code <= 90) || // A-Z
  (code >= 97 && code <= 122) || // a-z
  code === 43 || // +
  code === 47 || // /
  code === 45 || // -
  code === 95 || // _
  code === 61; // =

/** How far around a secret its Base64 word is removed: credentials are short, a whole encoded file is not. */
const MAX_BASE64_WORD = 512;

function widen(text: string, { start, end, name }: Span): Span {
  const first = Math.max(0, start - MAX_BASE64_WORD);
  const last = Math.min(text.length, end + MAX_BASE64_WORD);
  let from = start;
  let to = end;
  while (from > first && isBase64Char(text.charCodeAt(from - 1))) from--;
  while (to < last && isBase64Char(text.charCodeAt(to))) to++;
  return { start: from, end: to, name };
}

/** Kept bodies are cut at a limit; how much of a secret stands before the cut. */
function cutLength(text: string, needle: string): number {
  const longest = Math.min(needle.length - 1, text.length);
  const head = needle.slice(0, MIN_CUT_CHARS);
  const tail = text.slice(text.length - longest);
  for (let at = tail.indexOf(head); at !== -1; at = tail.indexOf(head, at + 1))
    if (needle.startsWith(tail.slice(at))) return tail.length - at;
  return 0;
}

function replaceSpans(text: string, spans: Span[]): string {
  const ordered = spans.toSorted((left, right) => left.start - right.start || right.end - left.end);
  let redacted = "";
  let position = 0;
  for (const { start, end, name } of ordered) {
    if (end <= position) continue;
    // Overlapping secrets become one mark: what is between two marks must not show the rest of either.
    if (start >= position) redacted += `${text.slice(position, start)}«${name}»`;
    position = end;
  }
  return redacted + text.slice(position);
}
