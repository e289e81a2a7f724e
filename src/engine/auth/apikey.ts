import type { Sign } from "./auth-type.ts";
import { textOf } from "./parameters.ts";

export const apikey: Sign = (parameters) => {
  const key = textOf(parameters["key"]);
  const value = textOf(parameters["value"]);
  if (key === "" && value === "") return {};
  return parameters["in"] === "query" ? { query: [[key, value]] } : { headers: [[key, value]] };
};
