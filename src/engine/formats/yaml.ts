import { type Document, isScalar, parseDocument, visit } from "yaml";

import { FormatError } from "./document.ts";

/** Parses YAML. Numbers stay as they are written (`1.0`, `0x10`, long ids). Throws `FormatError` that says where. */
export function parseYaml(text: string): unknown {
  const document = parseWhole(text, { uniqueKeys: false });
  visit(document, {
    Scalar: (_, node) => {
      if (!isScalar(node) || typeof node.value !== "number") return;
      if (node.source !== undefined && String(node.value) !== node.source) node.value = node.source;
    },
  });
  return toValue(document);
}

/** As other programs read YAML: numbers are numbers, `<<` merges, a key that stands twice is an error. */
export const parseStrictYaml = (text: string): unknown => toValue(parseWhole(text, { merge: true }));

function parseWhole(text: string, options: Parameters<typeof parseDocument>[1]): Document {
  const document = parseDocument(text, options);
  const [error] = document.errors;
  // The place ends the first line; below it the text is shown.
  if (error) throw new FormatError(`is not YAML: ${error.message.split("\n")[0]?.replace(/[.:]$/, "")}.`);
  return document;
}

function toValue(document: Document): unknown {
  try {
    // Every alias may be used, but a document cannot grow to many times its size by them.
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new FormatError(`is not YAML that can be read: ${error instanceof Error ? error.message : ""}.`);
  }
}
