import type {
  OAuthClientInformationFull,
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  OAuthTokens,
} from "@modelcontextprotocol/client";

import { csrfTokenOf } from "../../src/access/csrf.ts";
import { SESSION_COOKIE } from "../../src/access/session.ts";
import { createSession } from "../../src/access/store.ts";
import type { McpApi } from "./served.ts";

/** A client of the SDK that keeps everything in memory and notes where it wants to send the person. */
export class MemoryProvider implements OAuthClientProvider {
  readonly redirectUrl = "http://127.0.0.1:7777/callback";
  asked: URL | undefined;
  issued: OAuthTokens | undefined;
  registered: OAuthClientInformationFull | undefined;
  private verifier = "";
  private discovered: OAuthDiscoveryState | undefined;

  get clientMetadata(): OAuthClientMetadata {
    return { client_name: "Test agent", redirect_uris: [this.redirectUrl] };
  }
  state = () => "state-1";
  clientInformation = () => this.registered;
  saveClientInformation = (client: OAuthClientInformationFull) => {
    this.registered = client;
  };
  tokens = () => this.issued;
  saveTokens = (tokens: OAuthTokens) => {
    this.issued = tokens;
  };
  redirectToAuthorization = (url: URL) => {
    this.asked = url;
  };
  saveCodeVerifier = (verifier: string) => {
    this.verifier = verifier;
  };
  codeVerifier = () => this.verifier;
  saveDiscoveryState = (state: OAuthDiscoveryState) => {
    this.discovered = state;
  };
  discoveryState = () => this.discovered;
}

export interface Person {
  cookie: string;
  csrf: string;
}

export async function signIn(api: McpApi, userId = api.actor.userId): Promise<Person> {
  const token = await createSession(api.database, userId);
  return { cookie: `${SESSION_COOKIE}=${token}`, csrf: csrfTokenOf(token) };
}

/** The fields of the one form of a page, as a browser without JavaScript would send them. */
export function fieldsOf(html: string): URLSearchParams {
  const fields = new URLSearchParams();
  for (const [tag] of html.matchAll(/<input [^>]*>/g)) {
    const attribute = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
    const isSent = attribute("type") !== "checkbox" || / checked/.test(tag);
    if (isSent) fields.append(attribute("name"), attribute("value").replaceAll("&amp;", "&"));
  }
  return fields;
}

/** Opens the page that asks, presses a button, and follows nothing: the answer is what the client would get. */
export async function decide(
  url: URL | string,
  person: Person,
  change: (fields: URLSearchParams) => void = (fields) => fields.set("decision", "allow"),
): Promise<{ status: number; back: URL | undefined; html: string; headers: Headers }> {
  const page = await fetch(url, {
    headers: { cookie: person.cookie, accept: "text/html" },
    redirect: "manual",
  });
  const html = await page.text();
  if (page.status !== 200) {
    const location = page.headers.get("location");
    return {
      status: page.status,
      back: location ? new URL(location, url) : undefined,
      html,
      headers: page.headers,
    };
  }
  const fields = fieldsOf(html);
  change(fields);
  const answer = await fetch(new URL("/oauth/authorize", url), {
    method: "POST",
    headers: { cookie: person.cookie, origin: new URL(url).origin },
    body: fields,
    redirect: "manual",
  });
  const location = answer.headers.get("location");
  return {
    status: answer.status,
    back: location ? new URL(location) : undefined,
    html: await answer.text(),
    headers: page.headers,
  };
}
