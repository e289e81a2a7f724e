import { describe, expect, test } from "bun:test";

import { authTypes } from "../../../src/collections/edit/auth-types.ts";
import { applyAuth, authTexts, otherAuthFields, readAuthText } from "../../../src/collections/edit/auth.ts";
import { createAuthorizer, createAuthSession } from "../../../src/engine/auth/auth.ts";
import { createSecretBox } from "../../../src/lib/seal.ts";

const box = createSecretBox(new Uint8Array(32).fill(7));
const bearer = () => ({
  type: "bearer",
  bearer: [{ key: "token", value: "t", type: "string", "x-more": 1 }],
});
/** The authorization of an element after these texts of its form were changed. */
const after = (auth: unknown, changes: Record<string, string>): unknown => {
  const holder: Record<string, unknown> = auth === undefined ? {} : { auth: structuredClone(auth) };
  applyAuth(holder, new Map(Object.entries(changes)), box);
  return holder["auth"];
};
const typed = (name: string, ...values: string[]) => readAuthText(name, "••••••••", values, box);

describe("the form of an authorization", () => {
  test("shows names, and of secrets dots or the variable that holds them", () => {
    const basic = (password: string) => ({
      type: "basic",
      basic: [
        { key: "username", value: "ada" },
        { key: "password", value: password },
      ],
    });

    expect(authTexts(basic("s3cret"))).toMatchObject({
      auth: "basic",
      "auth.basic.username": "ada",
      "auth.basic.password": "••••••••",
    });
    expect(authTexts(basic("{{password}}"))).toMatchObject({ "auth.basic.password": "{{password}}" });
  });

  test("changes a field and keeps what else the entry and the authorization hold", () => {
    expect(after({ ...bearer(), "x-auth": true }, { "auth.bearer.token": "{{token}}" })).toEqual({
      type: "bearer",
      bearer: [{ key: "token", value: "{{token}}", type: "string", "x-more": 1 }],
      "x-auth": true,
    });
  });

  test("adds a field that was not there, and one that is ticked is a truth value", () => {
    expect(
      after({ type: "ntlm" }, { "auth.ntlm.domain": "shop", "auth.ntlm.disableRetryRequest": "true" }),
    ).toEqual({
      type: "ntlm",
      ntlm: [
        { key: "domain", value: "shop", type: "string" },
        { key: "disableRetryRequest", value: true, type: "boolean" },
      ],
    });
  });

  test("changes the entry that counts: the last that is switched on", () => {
    const auth = {
      type: "bearer",
      bearer: [
        { key: "token", value: "1" },
        { key: "token", value: "2" },
        { key: "token", value: "3", disabled: true },
      ],
    };

    expect(after(auth, { "auth.bearer.token": "x" })).toEqual({
      ...auth,
      bearer: [auth.bearer[0], { key: "token", value: "x" }, auth.bearer[2]],
    });
  });

  test("of v2.0, where parameters are an object, stays one", () => {
    expect(after({ type: "bearer", bearer: { token: "t" } }, { "auth.bearer.token": "u" })).toEqual({
      type: "bearer",
      bearer: { token: "u" },
    });
  });

  test("takes the secrets of the type before away when another is chosen", () => {
    expect(after(bearer(), { auth: "basic", "auth.basic.username": "ada" })).toEqual({
      type: "basic",
      basic: [{ key: "username", value: "ada", type: "string" }],
    });
    expect(after(bearer(), { auth: "noauth" })).toEqual({ type: "noauth" });
    expect(after(bearer(), { auth: "" })).toBeUndefined();
  });

  test("keeps fields that it does not know, and says which", () => {
    const oauth2 = {
      type: "oauth2",
      oauth2: [
        { key: "tokenRequestParams", value: [{ key: "a", value: "b" }] },
        { key: "scope", value: "read" },
      ],
    };

    expect(otherAuthFields(oauth2)).toEqual(["tokenRequestParams"]);
    expect(after(oauth2, { "auth.oauth2.scope": "write" })).toEqual({
      type: "oauth2",
      oauth2: [oauth2.oauth2[0], { key: "scope", value: "write" }],
    });
  });

  test("keeps numbers and objects while they can be read as one", () => {
    const jwt = (payload: unknown) => ({
      type: "jwt",
      jwt: [
        { key: "algorithm", value: "HS256" },
        { key: "payload", value: payload },
      ],
    });

    expect(after(jwt({ a: 1 }), { "auth.jwt.payload": '{"a":2}' })).toEqual(jwt({ a: 2 }));
    expect(after(jwt({ a: 1 }), { "auth.jwt.payload": "{{payload}}" })).toEqual(jwt("{{payload}}"));
  });

  test("refuses a type that does not exist, and one that could not sign", () => {
    expect(() => after(undefined, { auth: "magic" })).toThrow("Choose one of the types");
    expect(() => after(undefined, { auth: "apikey", "auth.apikey.value": "v" })).toThrow(
      expect.objectContaining({ body: expect.objectContaining({ details: { param: "auth.apikey.key" } }) }),
    );
  });
});

describe("a secret that is typed", () => {
  test("goes through the preview sealed and is stored as it was typed", () => {
    const text = typed("auth.bearer.token", "n3w");
    const back = typed("auth.bearer.token", "", text);

    expect(text).not.toContain("n3w");
    expect(back).toBe(text);
    expect(after(bearer(), { "auth.bearer.token": back })).toMatchObject({ bearer: [{ value: "n3w" }] });
  });

  test("keeps the one that is there when nothing is typed, or the dots are", () => {
    expect(typed("auth.bearer.token", "")).toBe("••••••••");
    expect(typed("auth.bearer.token", "••••••••")).toBe("••••••••");
  });

  test("that only looks sealed is one that was typed", () => {
    const text = typed("auth.bearer.token", "sealed:no");

    expect(after(bearer(), { "auth.bearer.token": text })).toMatchObject({
      bearer: [{ value: "sealed:no" }],
    });
  });
});

test("every type that can be chosen is one that the engine knows", () => {
  const options = {
    session: createAuthSession(),
    owner: {},
    resolve: (text: string) => text,
    send: () => Promise.reject(new Error("nothing is sent here")),
  };
  const request = { url: "http://a/" };
  for (const type of Object.keys(authTypes).filter((name) => name !== "noauth")) {
    const authorizer = createAuthorizer({ type }, options);
    // No request is looked at: a type that does not exist says so by itself.
    const verdict = authorizer?.judge({ status: 200, headers: [] } as never, request as never);
    expect([type, verdict?.warning ?? ""]).toEqual([
      type,
      expect.not.stringContaining("could not find a handler"),
    ]);
  }
});
