/** Version of the product; the build and package.json agree by a test. */
export const VERSION = "0.1.0";

/** Whether version `one` comes before `other`; of what is no version, neither does. */
export function isOlder(one: string, other: string): boolean {
  const [left, right] = [one, other].map((text) => /^(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number));
  if (!left || !right) return false;
  const index = left.findIndex((part, at) => part !== right[at]);
  return index !== -1 && (left[index] ?? 0) < (right[index] ?? 0);
}
