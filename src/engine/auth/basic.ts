import type { Sign } from "./auth-type.ts";
import { textOf } from "./parameters.ts";

export const basic: Sign = ({ username, password }) => {
  const credentials = Buffer.from(`${textOf(username)}:${textOf(password)}`).toString("base64");
  return { headers: [["Authorization", `Basic ${credentials}`]] };
};
