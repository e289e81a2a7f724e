import { toText } from "../json.ts";
import type { AuthType } from "./auth.ts";

export const apikey: AuthType = (parameters) => {
  const key = toText(parameters["key"] ?? "");
  const value = toText(parameters["value"] ?? "");
  if (key === "" && value === "") return {};
  return parameters["in"] === "query" ? { query: [[key, value]] } : { headers: [[key, value]] };
};
