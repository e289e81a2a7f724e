/** Names before a colon, texts, numbers and words of a JSON document; a text may be cut off at the end. */
const token = /("(?:[^"\\]|\\.)*"?)(\s*:)?|\b(?:true|false|null)\b|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b/g;

/** Whole JSON, indented; undefined when the text is none. */
export function indentedJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return undefined;
  }
}

/** JSON with its names, texts and numbers told apart by more than their place. */
export function JsonText({ text }: { text: string }) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(token)) {
    if (match.index > end) parts.push(text.slice(end, match.index));
    const [whole, string, colon] = match;
    parts.push(
      <span class={string === undefined ? "j-word" : colon === undefined ? "j-text" : "j-name"}>
        {string ?? whole}
      </span>,
    );
    end = match.index + (string ?? whole).length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return <>{parts}</>;
}
