import type { Sign } from "./auth-type.ts";
import { textOf } from "./parameters.ts";

/** Without a token nothing is sent, as in Postman. */
export const bearer: Sign = ({ token }) => {
  const text = textOf(token);
  return text === "" ? {} : { headers: [["Authorization", `Bearer ${text}`]] };
};
