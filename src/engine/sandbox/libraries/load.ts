import type { RealmSources } from "./bundle.ts";

/** Name of the embedded file, as the build gives it to the compiler. */
export const embeddedName = "realm-sources";

/** From the binary when compiled into it; else bundled now, from a cache below node_modules. */
export async function loadRealmSources(): Promise<RealmSources> {
  for (const file of Bun.embeddedFiles) {
    // Embedded files are Files with a name; the types only promise Blobs.
    const { name } = file as Blob & { name?: string };
    // Written by `bundleLibraries` at build time.
    if (name?.includes(embeddedName)) return JSON.parse(await file.text()) as RealmSources;
  }
  const { cachedRealmSources } = await import("./bundle.ts");
  return cachedRealmSources();
}
