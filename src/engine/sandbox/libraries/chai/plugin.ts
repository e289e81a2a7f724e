import { join } from "node:path";

import type { BunPlugin } from "bun";

const own = (file: string, name: string) => `require(${JSON.stringify(join(import.meta.dir, file))}).${name}`;

/** What takes the place of which file of chai. The names of our functions are those of the files. */
const replacements: Record<string, string> = {
  assertion: own("install.ts", "install"),
  "utils/flag": own("assertion.ts", "flag"),
  "utils/transferFlags": own("assertion.ts", "transferFlags"),
  "utils/addProperty": own("members.ts", "addProperty"),
  "utils/addMethod": own("members.ts", "addMethod"),
  "utils/overwriteProperty": own("members.ts", "overwriteProperty"),
  "utils/overwriteMethod": own("members.ts", "overwriteMethod"),
  "utils/addChainableMethod": own("chainable.ts", "addChainableMethod"),
  "utils/overwriteChainableMethod": own("chainable.ts", "overwriteChainableMethod"),
  "utils/inspect": `${own("inspect.ts", "inspectWith")}(require("loupe").inspect)`,
};

/** chai as published makes and copies several objects per word of a chain; the same assertions on a core without that. */
export const slimChai: BunPlugin = {
  name: "slim-chai",
  setup(build) {
    build.onLoad({ filter: /[\\/]chai[\\/]lib[\\/]chai[\\/].*\.js$/ }, async ({ path }) => {
      const file = /lib[\\/]chai[\\/](.*)\.js$/.exec(path)?.[1]?.replaceAll("\\", "/") ?? "";
      const replacement = replacements[file];
      const contents = replacement ? `module.exports = ${replacement};` : await Bun.file(path).text();
      return { contents, loader: "js" };
    });
  },
};
