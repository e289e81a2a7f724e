import { expect, test } from "bun:test";

import { healthOf, parseRunner, startCommand } from "../../src/fleet/runner.ts";

test("health: never seen is Unknown, seen within ninety seconds Healthy, else Unhealthy", () => {
  expect(healthOf(null)).toBe("Unknown");
  expect(healthOf(0)).toBe("Healthy");
  expect(healthOf(90)).toBe("Healthy");
  expect(healthOf(90.001)).toBe("Unhealthy");
});

test("the start command names server, id and key", () => {
  expect(startCommand("https://sallyport.example.test", "ID", "KEY")).toBe(
    "app runner start --server https://sallyport.example.test --id ID --key KEY",
  );
});

test("a runner is visible to all unless it says otherwise, and then to at least one workspace", () => {
  const id = "00000000-0000-4000-8000-00000000000A";

  expect(parseRunner({ name: " Cellar " })).toEqual({
    name: "Cellar",
    description: "",
    visibility: "all",
    workspaceIds: [],
  });
  expect(parseRunner({ name: "Cellar", visibility: "selected", workspaces: [id, id] }).workspaceIds).toEqual([
    id.toLowerCase(),
  ]);
  expect(() => parseRunner({ name: "Cellar", visibility: "selected" })).toThrow("at least one workspace");
});

test.each([
  ["name", { name: "" }],
  ["name", { name: "with \0 nul" }],
  ["name", {}],
  ["visibility", { name: "Cellar", visibility: "some" }],
  ["workspaces", { name: "Cellar", visibility: "selected", workspaces: ["x"] }],
])("a wrong %s is named", (field, value) => {
  expect(() => parseRunner(value)).toThrow(field);
});
