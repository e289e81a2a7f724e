import { toText } from "../json.ts";
import { AuthError } from "./auth-error.ts";
import { SignError, type AuthContext, type AuthParameters, type AuthResult } from "./auth-type.ts";
import { canFetch, canRefresh, fetchedToken } from "./oauth2-token.ts";
import { textOf } from "./parameters.ts";

/**
 * Sends the access token of the document, or fetches one here: with a refresh token, the client's credentials or a
 * password. Throws `AuthError` or `HttpError` when there is none to be had.
 */
export async function oauth2(
  parameters: AuthParameters,
  _request: unknown,
  context: AuthContext,
): Promise<AuthResult> {
  const token = await accessToken(parameters, context);
  if (token === "") return {};
  // What Postman does not sign either: there is no server for it.
  if (textOf(parameters["tokenType"]).toLowerCase() === "mac") return {};
  const target = textOf(parameters["addTokenTo"]) || "header";
  const withoutHeaders = ["authorization"];
  if (target === "queryParams") return { withoutHeaders, query: [["access_token", token]] };
  if (target !== "header") return { withoutHeaders, withoutQuery: ["access_token"] };
  const prefix = toText(parameters["headerPrefix"] ?? "Bearer").trim();
  const value = prefix === "" ? token : `${prefix} ${token}`;
  return { headers: [["Authorization", value]], withoutQuery: ["access_token"] };
}

async function accessToken(parameters: AuthParameters, context: AuthContext): Promise<string> {
  const stored = textOf(parameters["accessToken"]);
  if (canRefresh(parameters)) {
    try {
      return await fetchedToken(parameters, context);
    } catch (error) {
      // As in Postman: the token that is there may still be good.
      if (stored === "") throw error;
      return stored;
    }
  }
  if (stored !== "") return stored;
  if (canFetch(parameters)) return fetchedToken(parameters, context);
  const grant = textOf(parameters["grant_type"]) || (textOf(parameters["authUrl"]) && "authorization_code");
  if (grant === "") return "";
  if (interactive.has(grant))
    throw new AuthError(
      `the OAuth 2.0 grant "${grant}" needs a person in a browser; store its access token, or its refresh token with the token URL`,
    );
  throw new SignError(`the grant "${grant}" has no access token and no URL to fetch one from`);
}

const interactive = new Set(["authorization_code", "authorization_code_with_pkce", "implicit"]);
