import { AppError } from "../../lib/errors.ts";

/** What the form holds, by the names of its fields. Lists of rows are JSON. */
export type Texts = Record<string, string>;

/** Browsers send lines as they were typed on no machine: with CRLF. */
export const lf = (text: string): string => text.replaceAll(/\r\n?/g, "\n");

/** What cannot be stored, beside the field that it is about. */
export const unfit = (param: string, message: string): AppError =>
  new AppError("bad_request", message, { name: "invalidParamsError", details: { param } });

/** Names of the fields that differ. */
export const changedNames = (before: Texts, after: Texts): string[] =>
  Object.keys(after).filter((name) => before[name] !== undefined && before[name] !== after[name]);
