import { isScalar, parseDocument, visit } from "yaml";

import { FormatError } from "./document.ts";

/** Parses YAML. Numbers stay as they are written (`1.0`, `0x10`, long ids). Throws `FormatError`. */
export function parseYaml(text: string): unknown {
  // Every alias may be used, but a document cannot grow to many times its size by them.
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  const [error] = document.errors;
  if (error) throw new FormatError(`is not YAML: ${error.message.replace(/\.$/, "")}.`);
  visit(document, {
    Scalar: (_, node) => {
      if (!isScalar(node) || typeof node.value !== "number") return;
      if (node.source !== undefined && String(node.value) !== node.source) node.value = node.source;
    },
  });
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new FormatError(`is not YAML that can be read: ${error instanceof Error ? error.message : ""}.`);
  }
}
