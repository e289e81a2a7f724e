import { expect, test } from "bun:test";

import { rewordCaught } from "../../../src/engine/sandbox/script-catch.ts";

test.each([
  ["try { a() } catch (e) { b(e) }", "try { a() } catch (e) { say(e); b(e) }"],
  ["try{a()}catch(error){}", "try{a()}catch(error){ say(error);}"],
  [
    "try { a } catch (x) { try { b } catch (y) {} }",
    "try { a } catch (x) { say(x); try { b } catch (y) { say(y);} }",
  ],
  ["`${(() => { try { a } catch (e) {} })()}`", "`${(() => { try { a } catch (e) { say(e);} })()}`"],
  ["if (a / b) try { c } catch (e) {}", "if (a / b) try { c } catch (e) { say(e);}"],
])("%p words what it catches", (code, reworded) => {
  expect(rewordCaught(code, "say")).toBe(reworded);
});

test.each([
  ["a text", "'catch (e) {'"],
  ["a template", "`catch (e) {`"],
  ["a comment", "// catch (e) {\n/* catch (e) { */"],
  ["a regular expression", "x = /catch (e) {/"],
  ["a regular expression with a quote, then a text", "return /'/.test(a) + 'catch (e) {'"],
  ["a method of a promise", "p.catch (e) {"],
  ["a pattern", "try { a } catch ({ message }) {}"],
  ["no name", "try { a } catch {}"],
])("%s is left alone", (_, code) => {
  expect(rewordCaught(code, "say")).toBe(code);
});
