import { randomInt, randomUUID } from "node:crypto";

import { systemClock } from "./clock.ts";

type Plain = string | number | boolean;
type Generators = Record<string, { generator: () => Plain | Plain[] | null | undefined }>;

/** The ones in nearly every collection, made here so that the word lists need not be loaded for them. */
const common: Record<string, () => string> = {
  $guid: randomUUID,
  $randomUUID: randomUUID,
  $timestamp: () => String(Math.floor(systemClock.now().getTime() / 1000)),
  $isoTimestamp: () => systemClock.now().toISOString(),
  $randomInt: () => String(randomInt(0, 1001)),
};

let generators: Generators | undefined;

/** A fresh value of `$name`, or undefined when Postman knows no such variable. */
export function dynamicVariable(name: string): string | undefined {
  const make = Object.hasOwn(common, name) ? common[name] : undefined;
  if (make) return make();
  // Loaded on first use: the word lists cost tens of milliseconds and few collections use them.
  generators ??= require("postman-collection/lib/superstring/dynamic-variables.js") as Generators;
  if (!Object.hasOwn(generators, name)) return undefined;
  const value = generators[name]?.generator();
  return value === undefined || value === null ? undefined : String(value);
}
