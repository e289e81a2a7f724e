const reference = /\{\{([^{}$\s][^{}]*)\}\}/g;
/** `pm.environment.set("name"`, of every scope, as it stands in JSON. */
const setByScript = /\b(?:environment|collectionVariables|globals|variables)\.set\(\s*\\?["'`]([^"'`\\]+)/g;
const MAX_SHOWN = 30;

/**
 * Names of variables that a collection (v2.1) uses and that nothing in it gives a value: neither its own variables nor a
 * script. What is left is for an environment. In the order of their first use, at most 30.
 */
export function openVariables(document: Record<string, unknown>): string[] {
  const text = JSON.stringify(document);
  const known = new Set(definedBy(document["variable"]));
  for (const [, name = ""] of text.matchAll(setByScript)) known.add(name);
  const found = new Set<string>();
  for (const [, name = ""] of text.matchAll(reference)) {
    // A secret of the vault is given on the runner's side, never here.
    if (!known.has(name) && !name.startsWith("vault:") && !name.includes('"')) found.add(name);
    if (found.size === MAX_SHOWN) break;
  }
  return [...found];
}

/** Variables of the collection that have a value. */
function definedBy(variables: unknown): string[] {
  if (!Array.isArray(variables)) return [];
  return variables.flatMap((variable: { key?: unknown; id?: unknown; value?: unknown } | null) => {
    const name = variable?.key ?? variable?.id;
    const hasValue = variable?.value !== undefined && variable.value !== null && variable.value !== "";
    return typeof name === "string" && hasValue ? [name] : [];
  });
}
