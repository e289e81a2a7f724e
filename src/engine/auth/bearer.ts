import { toText } from "../json.ts";
import type { AuthType } from "./auth.ts";

/** Without a token nothing is sent, as in Postman. */
export const bearer: AuthType = ({ token }) => {
  const text = toText(token ?? "");
  return text === "" ? {} : { headers: [["Authorization", `Bearer ${text}`]] };
};
