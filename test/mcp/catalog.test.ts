import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { oauthScopes } from "../../src/access/oauth/oauth.ts";
import { neededScope } from "../../src/access/rights.ts";
import { allTools, toolsOf } from "../../src/mcp/catalog.ts";
import { annotationsOf, inputOf, methodOf, pathOf, type Tool, toolSets } from "../../src/mcp/tool.ts";
import { type TestApi, testApi } from "../support/api.ts";
import postman from "./postman-tools.json";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

interface PostmanTool {
  sets: string[];
  required: string[];
  optional: string[];
  readOnly: boolean;
}

/** Of Postman's server 2.13.0: names, arguments and sets, as it lists them. */
const postmanTools: [string, PostmanTool][] = Object.entries(postman);
const ours = new Map(allTools.map((tool) => [tool.name, tool]));

const shapeOf = (tool: Tool) => {
  const entries = Object.entries(inputOf(tool).shape);
  return {
    names: new Set(entries.map(([name]) => name)),
    required: entries.filter(([, schema]) => !schema.safeParse(undefined).success).map(([name]) => name),
  };
};

/** With something in the place of each parameter. */
const concretePath = (tool: Tool): string =>
  pathOf(tool)
    .replace("{elementType}/{elementId}", "specs/x")
    .replaceAll(/\{(\w+)\}/g, "x");

describe("the table of tools", () => {
  test("has each name once, in a form that every client takes", () => {
    expect(allTools.map(({ name }) => name)).toEqual([...ours.keys()]);
    expect([...ours.keys()].filter((name) => !/^[a-zA-Z]{1,64}$/.test(name))).toEqual([]);
  });

  test("names in each path only arguments that must be given", () => {
    const wrong = allTools.filter((tool) => {
      if (tool.steps) return false;
      const { required } = shapeOf(tool);
      return [...pathOf(tool).matchAll(/\{(\w+)\}/g)].some(([, name = ""]) => !required.includes(name));
    });

    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  test("says where to continue only for what is read", () => {
    const wrong = allTools.filter(
      (tool) => annotationsOf(tool).readOnlyHint !== shapeOf(tool).names.has("continueAt"),
    );

    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  test("needs a scope for everything, so that a narrowed credential has a say", () => {
    const free = allTools.filter(
      (tool) => pathOf(tool) !== "/me" && !neededScope(methodOf(tool), concretePath(tool)),
    );

    const names = free.map(({ name, call }) => `${name}: ${call}`);
    expect(names).toEqual([]);
  });
});

describe("OAuth", () => {
  test("can open every tool but the one that gives rights to people, and makes no credentials that outlive it", () => {
    const closed = allTools.filter((tool) => {
      const needed = neededScope(methodOf(tool), pathOf(tool));
      return needed !== undefined && !oauthScopes.includes(`${needed.area}:${needed.access}`);
    });

    expect(closed.map(({ name }) => name)).toEqual(["updateWorkspaceRoles"]);
    expect(oauthScopes.filter((scope) => /^keys|^users:write/.test(scope))).toEqual([]);
  });
});

describe("beside Postman's server", () => {
  test.each(["minimal", "code"] as const)("the set %s has every tool", (set) => {
    const have = new Set(toolsOf(set).map(({ name }) => name));
    const missing = postmanTools.filter(([name, { sets }]) => sets.includes(set) && !have.has(name));

    expect(missing.map(([name]) => name)).toEqual([]);
  });

  test("the set full lacks only what an installation of one's own has not", () => {
    const missing = postmanTools.map(([name]) => name).filter((name) => !ours.has(name));

    expect(missing.filter((name) => !absent.test(name))).toEqual([]);
  });

  test("each tool takes the same arguments and asks for no more", () => {
    const wrong: string[] = [];
    for (const [name, { required, optional }] of postmanTools) {
      const tool = ours.get(name);
      if (!tool) continue;
      const shape = shapeOf(tool);
      for (const argument of [...required, ...optional]) {
        if (!shape.names.has(argument)) wrong.push(`${name} does not take ${argument}`);
      }
      for (const argument of shape.required) {
        if (!required.includes(argument)) wrong.push(`${name} asks for ${argument}`);
      }
    }

    expect(wrong).toEqual([]);
  });

  test("the same tools only read", () => {
    const wrong = postmanTools.filter(([name, { readOnly }]) => {
      const tool = ours.get(name);
      return tool !== undefined && annotationsOf(tool).readOnlyHint !== readOnly;
    });

    expect(wrong.map(([name]) => name)).toEqual([]);
  });
});

/** The public network, code generators, a language model and the like of Postman's cloud: the API answers 501. */
const absent =
  /Sdk|Package|Component|PrivateNetwork|Analytics|Secret|ContextGraph|LearningCenter|Documentation|Group|AccessRequest|TeamMember|TeamSettings|createTeam|PartnerWorkspaceInvites|transferWorkspaceToTeam|SpecificationLints|ApiCollectionComment|AsyncApiTask/;

describe("the API", () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await testApi();
  });

  test("has an endpoint for every tool", () => {
    const routes = api.app.routes
      .filter(({ method, path }) => method !== "ALL" && path.startsWith("/api/"))
      .map(({ method, path }) => ({
        method,
        pattern: new RegExp(`^${path.replace("/api", "").replaceAll(/:\w+(\{[^}]*\})?/g, "[^/]+")}$`),
      }));
    const missing = allTools.filter((tool) => {
      const path = concretePath(tool);
      return !routes.some(({ method, pattern }) => method === methodOf(tool) && pattern.test(path));
    });

    const names = missing.map(({ name, call }) => `${name}: ${call}`);
    expect(names).toEqual([]);
  });

  test("is described by every set", () => {
    for (const set of toolSets) expect(toolsOf(set).length).toBeGreaterThan(20);
  });
});
