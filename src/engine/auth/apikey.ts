import type { Sign } from "./auth-type.ts";
import { textOf } from "./parameters.ts";

export const apikey: Sign = (parameters) => {
  const key = textOf(parameters["key"]);
  const value = textOf(parameters["value"]);
  if (key === "" && value === "") return {};
  // What is no text has no value in a query, as in Postman.
  const inQuery = typeof parameters["value"] === "string" ? value : undefined;
  if (parameters["in"] === "query") return { query: [[key, inQuery]] };
  return key === "" ? {} : { headers: [[key, value]] };
};
