import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";

import { plainErrors } from "../../../../src/engine/sandbox/libraries/chai/plugin.ts";
import { loadRealmSources } from "../../../../src/engine/sandbox/libraries/load.ts";

export interface Step {
  on: number;
  word: string;
  /** Source texts of what the word is called with; without them it is read only. */
  values?: string[] | undefined;
}

export interface Implementation {
  /** What the code gives or how it fails, as one text. */
  observe: (code: string) => string;
  runChain: (chain: [subject: string, steps: Step[]]) => string;
}

const observer = readFileSync(join(import.meta.dir, "observer.js"), "utf8");

/** chai as it is in scripts. */
export const ownSource = async (): Promise<string> => {
  const { libraries } = await loadRealmSources();
  return libraries["chai"] ?? "";
};

/** chai as it is published, bundled by the same tool; errors are shown as in Postman's engine, see the test for that. */
export async function publishedSource(): Promise<string> {
  // Below node_modules, so that the entry finds the package.
  const folder = mkdtempSync(join(import.meta.dir, "../../../../node_modules/.chai-"));
  try {
    const entry = join(folder, "entry.js");
    writeFileSync(entry, 'module.exports = require("chai")');
    const { outputs } = await Bun.build({
      entrypoints: [entry],
      target: "browser",
      format: "cjs",
      plugins: [plainErrors],
    });
    return (await outputs[0]?.text()) ?? "";
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Evaluates chai in a context of its own. `prelude` runs there first. */
export function makeImplementation(source: string, prelude = ""): Implementation {
  const context = createContext({});
  runInContext(
    `{ const module = { exports: {} }; (function (module, exports) {${source}\n})(module, module.exports);
    globalThis.chai = module.exports }`,
    context,
    { filename: "library" },
  );
  // Made by the text of that file.
  const tools = runInContext(observer, context, { filename: "observer" }) as {
    observe: (act: unknown) => string;
    runChain: Implementation["runChain"];
  };
  const evaluate = (text: string): unknown => runInContext(`(${text})`, context);
  Object.assign(context, tools, { evaluate });
  runInContext(prelude, context, { filename: "prelude" });
  return {
    runChain: tools.runChain,
    observe: (code) => {
      const body = /\breturn\b|;/.test(code) ? code : `return (${code})`;
      return tools.observe(runInContext(`(function () { ${body}\n})`, context, { filename: "script" }));
    },
  };
}
