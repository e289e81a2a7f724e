import { randomBytes, randomUUID } from "node:crypto";

import type { HttpResponse } from "../http/client.ts";
import type {
  AuthContext,
  AuthParameters,
  AuthResult,
  AuthType,
  SignableRequest,
  Verdict,
} from "./auth-type.ts";
import { challengesOf, isUnauthorized } from "./challenge.ts";
import { authenticateMessage, negotiateMessage, readChallenge, type Credentials } from "./ntlm-message.ts";
import { textOf } from "./parameters.ts";

/**
 * NTLM over HTTP (MS-NTHT). What is logged in is the connection: it belongs to this auth alone, and later steps that
 * inherit the auth go on using it.
 */
export const ntlm: AuthType = { sign, onResponse };

function sign(
  _parameters: AuthParameters,
  _request: SignableRequest,
  { memory, leg }: AuthContext,
): AuthResult {
  const state = (memory.ntlm ??= { connectionName: `ntlm ${randomUUID()}` });
  if (leg === 0) delete state.message;
  const { message, connectionName } = state;
  return {
    withoutHeaders: ["authorization"],
    ...(message === undefined ? {} : { headers: [["Authorization", `NTLM ${message}`]] }),
    connection: { name: connectionName, continues: leg > 0 },
  };
}

function onResponse(
  response: HttpResponse,
  parameters: AuthParameters,
  _request: SignableRequest,
  { memory, leg, now }: AuthContext,
): Verdict {
  const state = memory.ntlm;
  if (parameters["disableRetryRequest"] || !state || !isUnauthorized(response) || leg > 1)
    return { again: false };
  const offers = challengesOf(response, "NTLM");
  if (leg === 0) {
    // Negotiate stands for Kerberos or NTLM; as Postman, we try NTLM.
    if (offers.length === 0 && challengesOf(response, "Negotiate").length === 0) return { again: false };
    state.message = negotiateMessage(credentialsOf(parameters));
    return { again: true };
  }
  const offer = offers.find((text) => text !== "");
  if (offer === undefined) return refused("server did not send NTLM type 2 message");
  const challenge = readChallenge(offer);
  if (!challenge) return refused("server did not correctly process authentication request");
  const moment = { clientChallenge: randomBytes(8), nowMs: now().getTime() };
  state.message = authenticateMessage(challenge, credentialsOf(parameters), moment);
  return { again: true };
}

const refused = (problem: string): Verdict => ({
  again: false,
  warning: `there was an error validating auth: ntlm: ${problem}`,
});

function credentialsOf(parameters: AuthParameters): Credentials {
  const text = (name: string) => textOf(parameters[name]);
  const domain = text("domain");
  const account = domain === "" ? splitAccount(text("username")) : { domain, username: text("username") };
  return { ...account, password: text("password"), workstation: text("workstation") };
}

/** `DOMAIN\user` and `user@domain`; anything else is a name. */
function splitAccount(account: string): { username: string; domain: string } {
  const down = account.split("\\");
  const up = account.split("@");
  const [first = "", second = ""] = down.length > 1 ? down : up;
  const isPair = (down.length === 2) !== (up.length === 2) && down.length + up.length === 3;
  if (!isPair || first === "" || second === "") return { username: account, domain: "" };
  return down.length === 2 ? { username: second, domain: first } : { username: first, domain: second };
}
