import { describe, expect, test } from "bun:test";

import {
  compileTemplate,
  createExpander,
  MAX_TEXT_CHARS,
  renderTemplate,
  staticText,
  type TemplateContext,
  TemplateTooLarge,
} from "../../src/mocks/template.ts";

const context: TemplateContext = {
  captures: new Map([["id", "7"]]),
  body: { text: '{"user":{"name":"Ann"}}', value: { user: { name: "Ann" }, "a.a": 1, list: [{ x: true }] } },
  query: [["page", "2"]],
  segments: ["product", "12345", "details"],
  headers: new Map([["x-shop", "north"]]),
};

const render = (text: string, variables: Record<string, string> = {}, within = context) =>
  renderTemplate(compileTemplate(text, createExpander(new Map(Object.entries(variables)))), within);

describe("a template", () => {
  test.each([
    ["{{$body}}", '{"user":{"name":"Ann"}}'],
    ["{{$body 'user.name'}}", "Ann"],
    ['{{$body "user.name"}}', "Ann"],
    ["{{$body 'user'}}", '{"name":"Ann"}'],
    ["{{$body 'list.0.x'}}", "true"],
    ["{{$body 'a\\.a'}}", "1"],
    ["{{$body 'nothing' 'else'}}", "else"],
    ["{{$body 'nothing'}}", ""],
    ["{{$body 'constructor.name' 'else'}}", "else"],
    ["{{$queryParams 'page'}}", "2"],
    ["{{$queryParams 'size' '10'}}", "10"],
    ["{{$pathSegments '1'}}", "12345"],
    ["{{$pathSegments '9' 'none'}}", "none"],
    ["{{$headers 'X-Shop'}}", "north"],
    ["{{id}}/{{unknown}}", "7/{{unknown}}"],
    ["{{$noSuchVariable}}", "{{$noSuchVariable}}"],
  ])("%s", (text, expected) => {
    expect(render(`<${text}>`)).toBe(`<${expected}>`);
  });

  test("makes a fresh value for each dynamic variable", () => {
    const [one, other] = render("{{$guid}} {{$guid}}").split(" ");

    expect(one).toMatch(/^[0-9a-f-]{36}$/);
    expect(other).not.toBe(one);
    expect(render("{{$randomFirstName}}")).not.toContain("{{");
    expect(render("{{$timestamp}}")).toMatch(/^\d{10}$/);
  });

  test("puts variables in, those inside of others too", () => {
    expect(render("{{host}}!", { host: "{{scheme}}://x", scheme: "https" })).toBe("https://x!");
  });

  test("never looks again at what a request brought", () => {
    const curious = { ...context, captures: new Map([["id", "{{password}}"]]) };

    expect(render("{{id}}", { password: "s3cr3t" }, curious)).toBe("{{password}}");
    expect(
      render(
        "{{$body}}",
        { password: "s3cr3t" },
        { ...context, body: { text: "{{password}}", value: undefined } },
      ),
    ).toBe("{{password}}");
  });

  test("is refused when it grows out of hand", () => {
    const doubling = Object.fromEntries(
      Array.from({ length: 18 }, (_, index) => [`v${index}`, `{{v${index + 1}}}{{v${index + 1}}}`]),
    );
    const large = { ...context, body: { text: "x".repeat(1_000_000), value: undefined } };

    const isRefused = (work: () => unknown) => {
      try {
        work();
        return false;
      } catch (error) {
        return error instanceof TemplateTooLarge;
      }
    };

    expect(isRefused(() => render("{{v0}}", { ...doubling, v18: "x".repeat(1000) }))).toBe(true);
    expect(isRefused(() => render("{{$body}}".repeat(MAX_TEXT_CHARS / 1_000_000 + 2), {}, large))).toBe(true);
  });

  test("knows when no request can change it", () => {
    const text = (source: string) =>
      staticText(compileTemplate(source, createExpander(new Map([["a", "b"]]))));

    expect([text(""), text("x"), text("{{a}}"), text("{{$guid}}")]).toEqual(["", "x", "b", undefined]);
  });
});
