import { z } from "zod";

import type { MockConfig } from "../../db/schema.ts";
import { invalidParam, paramMissing } from "../access/request.ts";
import { AppError } from "../lib/errors.ts";
import { bareId } from "../lib/ids.ts";

/** A mock waits this long at most, in ms: connections through proxies end when nothing is heard on them. */
export const MAX_DELAY_MS = 30_000;
/** Postman's presets, in ms: the networks 2G and 3G. */
const presetMs = { "1": 300, "2": 100 } as const;

export const defaultMockConfig: MockConfig = {
  headers: [],
  matchBody: false,
  matchHeader: false,
  matchQueryParams: true,
  matchWildcards: true,
  delay: null,
};

const name = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .refine((text) => !text.includes("\0"), "must not hold a NUL character");

const delay = z
  .looseObject({
    type: z.literal("fixed").default("fixed"),
    preset: z.enum(["1", "2"]).nullish(),
    duration: z.int().min(0).max(MAX_DELAY_MS).nullish(),
  })
  .refine(
    ({ preset, duration }) => Boolean(preset) || typeof duration === "number",
    "needs a duration or a preset",
  );

const config = z.looseObject({
  headers: z.array(z.string().max(200)).max(100).optional(),
  matchBody: z.boolean().optional(),
  matchHeader: z.boolean().optional(),
  matchQueryParams: z.boolean().optional(),
  matchWildcards: z.boolean().optional(),
  delay: delay.nullish(),
  serverResponseId: z.string().nullish(),
});

/** The `mock` object of a body; every field is optional in a change. */
export const mockFields = z.looseObject({
  name: name.optional(),
  collection: z.string().optional(),
  environment: z.string().nullish(),
  private: z.boolean().optional(),
  description: z.string().optional(),
  versionTag: z.string().optional(),
  config: config.optional(),
});

/** Bodies of `POST` and `PUT`. */
export const mockBody = z.looseObject({ mock: mockFields });

/** What was asked for, ids without their owners. */
export interface MockInput {
  name?: string;
  collectionId?: string;
  /** null = none. */
  environmentId?: string | null;
  private?: boolean;
  config?: Partial<MockConfig>;
  /** null = off. */
  serverResponseId?: string | null;
}

export function readMockInput(mock: z.infer<typeof mockFields>): MockInput {
  const { environment } = mock;
  return {
    ...(mock.name !== undefined && { name: mock.name }),
    ...(mock.collection !== undefined && { collectionId: idOf(mock.collection, "collection") }),
    ...(environment !== undefined && {
      environmentId: environment ? idOf(environment, "environment") : null,
    }),
    ...(mock.private !== undefined && { private: mock.private }),
    ...(mock.config && configInput(mock.config)),
  };
}

function configInput({ serverResponseId, delay: wait, ...rest }: z.infer<typeof config>): MockInput {
  const { headers, matchBody, matchHeader, matchQueryParams, matchWildcards } = rest;
  const given = { headers, matchBody, matchHeader, matchQueryParams, matchWildcards };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return {
    config: { ...known, ...(wait !== undefined && { delay: wait && delayOf(wait) }) },
    ...(serverResponseId !== undefined && {
      serverResponseId: serverResponseId ? idOf(serverResponseId, "config.serverResponseId") : null,
    }),
  };
}

function delayOf({ preset, duration }: z.infer<typeof delay>): NonNullable<MockConfig["delay"]> {
  const ofPreset = preset ? presetMs[preset] : 0;
  return { type: "fixed", ...(preset && { preset }), duration: duration ?? ofPreset };
}

/** For a new one. Throws 400 without a collection. */
export function readNewMock(mock: z.infer<typeof mockFields>): MockInput & { collectionId: string } {
  const { collectionId, ...rest } = readMockInput(mock);
  if (collectionId === undefined) throw paramMissing("collection");
  return { ...rest, collectionId };
}

/** For a change. Throws 400 in Postman's words when it changes nothing. */
export function readMockChange(mock: z.infer<typeof mockFields>): MockInput {
  const input = readMockInput(mock);
  if (Object.keys(input).length > 0) return input;
  throw new AppError("bad_request", "At least one parameter must be provided.", {
    name: "paramMissingError",
    details: { param: "environment, private, name, config, collection" },
  });
}

function idOf(idOrUid: string, param: string): string {
  const id = bareId(idOrUid);
  if (id === undefined) throw invalidParam(param, `${param} must be an id or a uid`);
  return id;
}

/** What calls of a mock and of what belongs to one say of an id that there is not. */
export const mockNotFound = (): AppError =>
  new AppError("not_found", "Please refresh and try again.", { name: "mockNotFoundError" });
