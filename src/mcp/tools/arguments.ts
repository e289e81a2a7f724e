import { z } from "zod";

/** Ids and uids are taken alike; so is any text, because the API says best what is wrong with it. */
export const idOf = (what: string) => z.string().min(1).describe(`Id or uid of the ${what}.`);

export const cursor = z.string().optional().describe("From the answer before: where the list goes on.");

export const limit = (max: number, preset?: number) =>
  z
    .int()
    .min(1)
    .max(max)
    .optional()
    .describe(`How many at most, up to ${max}${preset === undefined ? "" : `; ${preset} unless said`}.`);

export const flag = (what: string) => z.boolean().optional().describe(what);

export const text = (what: string) => z.string().describe(what);

/** A document of Postman's formats: nothing of it is lost on the way, so it is checked by the API alone. */
export const document = (what: string) => z.looseObject({}).describe(what);

export const list = (what: string) => z.array(z.looseObject({})).describe(what);
