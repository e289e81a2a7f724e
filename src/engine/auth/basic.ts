import { toText } from "../json.ts";
import type { AuthType } from "./auth.ts";

export const basic: AuthType = ({ username, password }) => {
  const credentials = Buffer.from(`${toText(username ?? "")}:${toText(password ?? "")}`).toString("base64");
  return { headers: [["Authorization", `Basic ${credentials}`]] };
};
