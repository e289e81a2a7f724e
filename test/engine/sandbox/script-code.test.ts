import { expect, test } from "bun:test";

import { needsOwnRealm, traitsOf, usesPromises } from "../../../src/engine/sandbox/script-code.ts";

test.each([
  ["pm.test('x', () => {})", false],
  ["pm.sendRequest(url).then(f)", true],
  ["const x = async () => {}", true],
  ["// athenian", false],
])("whether %p leaves work in promises: %p", (code, uses) => {
  expect(usesPromises(code)).toBe(uses);
});

test.each([
  ["pm.environment.set('a', 1); Math.max(1, 2) === 2", false],
  ["Array.prototype.last = f", true],
  ["JSON.parse = f", true],
  ["Math['random'] = f", true],
  ["Array['proto' + 'type'].map = f", true],
  ["const { [name]: p } = Array; p.map = f", true],
  ["Array['\\x70rototype'].map = f", true],
  ["const [first] = list; list[0].name; row['id']", true],
  ["list[0].name + row['id']", false],
  ["const a = {}; a.map = 1; if (Object.keys(a) == 1) {}", false],
])("whether %p may change what is built in: %p", (code, may) => {
  expect(traitsOf(code).changesBuiltIns).toBe(may);
});

test.each([
  ["_.mixin({})", true],
  ["moment.locale('de')", true],
  ["_.map([], f)", false],
])("whether %p may change libraries: %p", (code, may) => {
  expect(traitsOf(code).changesLibraries).toBe(may);
});

test.each([
  ["pm.test('x', () => pm.expect(pm.response.json().items[0].name).to.eql('a'))", true],
  ["const data = pm.response.json(); pm.environment.set('a', data[key])", true],
  ["const _ = require('lodash')", false],
  ["_.get(a, 'b')", false],
  ["Array.prototype.last = f", false],
  ["console.log = f", false],
  ["JSON = {}", false],
  ["eval('1')", false],
])("whether %p can share a realm with other runs: %p", (code, can) => {
  expect(traitsOf(code).isModest).toBe(can);
});

test.each([
  ["token = pm.response.json().token", true],
  ["if (a) { total = 1 }", true],
  ["let total = 0; total = 1", false],
  ["const { items } = pm.response.json(); items.length === 2", false],
  ["globalThis.shared = 1", true],
])("whether %p may leave names to later scripts of its run: %p", (code, may) => {
  expect(traitsOf(code).leavesNames).toBe(may);
});

test.each([
  [["a = 1", "pm.test(a)"], false],
  [["const _ = require('lodash')", "pm.test('a')"], false],
  [["a = 1", "const _ = require('lodash'); _.keys(a)"], true],
  [["globalThis.a = 1", "pm.test(a)"], true],
])("whether a run of %j has a realm of its own for all its scripts: %p", (codes, needs) => {
  expect(needsOwnRealm(codes)).toBe(needs);
});
