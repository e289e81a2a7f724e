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

/** What errors of this engine have beside those of V8 is no part of a message either. */
export const plainErrors: BunPlugin = {
  name: "plain-errors",
  setup(build) {
    build.onLoad({ filter: /[\\/]loupe[\\/](?:loupe|lib[\\/]error)\.js$/ }, async ({ path }) => {
      const text = await Bun.file(path).text();
      const contents = text.replace(/\[\s*'stack',/, "['stack', 'sourceURL',");
      if (contents === text) throw new Error(`${path} has another list of the members of errors`);
      return { contents, loader: "js" };
    });
  },
};
