import { expect, test } from "bun:test";
import { createRequire } from "node:module";

import { array, assert, constantFrom, oneof, property, record, string, tuple } from "fast-check";

import { encodeUrl, UrlError } from "../../src/engine/url-encode.ts";
import { parseUrl } from "../../src/engine/url.ts";
import { createResolver, toScriptVariables } from "../../src/engine/variables.ts";
import { budget } from "./budget.ts";

// Postman's own packages are the oracle.
const require = createRequire(import.meta.url);
const { Url, VariableScope } = require("postman-collection") as {
  Url: new (url: string) => object;
  VariableScope: new (scope: { values: object[] }) => { replaceIn(text: string): string };
};
const urlEncoder = require("postman-url-encoder") as { toNodeUrl(url: unknown): Record<string, unknown> };

const names = ["a", "b", "host", "a b", "{a", "ä", "x.y", ""];
// Too short for the names of what every object inherits: there Postman's lookup finds a function, and throws.
const words = string({ maxLength: 6 });
const pieces = oneof(
  constantFrom(...names.map((name) => `{{${name}}}`), "{{", "}}", "{", "}", "{{{", "}}}", "$&", "$1"),
  words,
);
const text = array(pieces, { maxLength: 8 }).map((found) => found.join(""));

// One name at most: values that name each other several times grow without end.
const value = tuple(words, constantFrom(...names.map((name) => `{{${name}}}`), "", "}}", "{{"), words).map(
  (found) => found.join(""),
);

test("variables are replaced as postman-collection replaces them", () => {
  const variables = array(record({ key: constantFrom(...names), value }), { maxLength: 6 });

  assert(
    property(variables, text, (values, template) => {
      const scopes = {
        local: [],
        environment: toScriptVariables(values),
        collection: [],
        globals: [],
        data: {},
      };

      const ours = createResolver(scopes)(template);

      expect(ours).toBe(new VariableScope({ values }).replaceIn(template));
    }),
    budget(2000),
  );
});

const urlPieces = oneof(
  constantFrom(
    ..."http:// https:// : / // ? & = # @ % %20 %zz + \\ . .. : 80 443 example.com localhost a ü ß 日 \" ' < > [ ] { } | ^ ` ~".split(
      " ",
    ),
    " ",
  ),
  string({ maxLength: 4 }),
);
const path = array(urlPieces, { maxLength: 10 }).map((found) => found.join(""));

test("a name that every object inherits is no variable", () => {
  const replace = createResolver({ local: [], environment: [], collection: [], globals: [], data: {} });

  for (const name of Object.getOwnPropertyNames(Object.prototype))
    expect(replace(`{{${name}}}`)).toBe(`{{${name}}}`);
});

test("URLs are encoded as postman-url-encoder encodes them", () => {
  assert(
    property(
      constantFrom("http://example.com", "https://a.test:8443", "localhost:3000"),
      path,
      (host, rest) => {
        const url = `${host}/${rest}`;

        const theirs = urlEncoder.toNodeUrl(new Url(url));

        // Without a host, or by another protocol, nothing can be sent, there or here.
        const canBeSent = /^https?:$/.test(String(theirs["protocol"])) && theirs["hostname"] !== "";
        if (canBeSent) expect(encode(url)?.path).toBe(theirs["path"] as string);
      },
    ),
    budget(2000),
  );
});

test("no text is a URL that crashes the encoder", () => {
  assert(
    property(oneof(path, string({ unit: "binary" })), (url) => {
      encode(url);
    }),
    budget(2000),
  );
});

/** undefined where the text is no URL: that is told by an error of its own. */
function encode(url: string): ReturnType<typeof encodeUrl> | undefined {
  try {
    return encodeUrl(parseUrl(url));
  } catch (error) {
    if (error instanceof UrlError) return undefined;
    throw error;
  }
}
