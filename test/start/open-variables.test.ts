import { expect, test } from "bun:test";

import { openVariables } from "../../src/start/open-variables.ts";

const request = (url: string, script = "") => ({
  name: "Request",
  request: { method: "GET", url },
  event: [{ listen: "test", script: { exec: [script] } }],
});

test.each([
  [
    "what is used, in the order of its first use",
    { item: [request("{{base}}/{{id}}?again={{base}}")] },
    ["base", "id"],
  ],
  [
    "what the collection gives a value is not open, an empty one is",
    {
      item: [request("{{base}}/{{token}}")],
      variable: [
        { key: "base", value: "https://api.example.test" },
        { key: "token", value: "" },
      ],
    },
    ["token"],
  ],
  [
    "what a script sets is not open",
    { item: [request("{{base}}/{{id}}", 'pm.environment.set("id", pm.response.json().id)')] },
    ["base"],
  ],
  [
    "dynamic variables and the vault are not of an environment",
    { item: [request("{{$guid}}{{vault:key}}")] },
    [],
  ],
  ["none", { item: [] }, []],
])("%s", (_, document, names) => {
  expect(openVariables(document)).toEqual(names);
});
