import { expect, test } from "bun:test";

import { runDocument } from "../support.ts";
import { startDigestServer } from "./digest-server.ts";
import { runNewman } from "./newman.ts";
import { startNtlmServer } from "./ntlm-server.ts";

const list = (values: Record<string, unknown>) =>
  Object.entries(values).map(([key, value]) => ({ key, value }));

const collection = (url: string, auth: object) => ({
  info: { name: "C", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  auth,
  item: [
    { name: "GET", request: { method: "GET", url: `${url}/1` } },
    { name: "POST", request: { method: "POST", url: `${url}/2`, body: { mode: "raw", raw: "b" } } },
    { name: "own auth", request: { method: "GET", url: `${url}/3`, auth: { ...auth } } },
  ],
});

test.each(["auth", "auth-int", ""])(
  "digest takes the legs that newman takes, qop %p",
  async (qop) => {
    await using server = await startDigestServer({ qop });
    const auth = { type: "digest", digest: list({ username: "user", password: "secret" }) };
    const document = collection(server.url, auth);
    const seen = () =>
      server.requests.splice(0).map(({ method, url, headers: { authorization = "" }, body }, index) => {
        const counted = /nc=(\w+)/.exec(authorization)?.[1];
        return { method, url, counted, body, verdict: server.verdicts[index] };
      });

    await runNewman(document);
    const expected = seen();
    server.verdicts.splice(0);
    const { steps } = await runDocument(structuredClone(document));

    expect(expected.map(({ verdict }) => verdict)).toEqual(["no answer", "ok", "ok", "no answer", "ok"]);
    expect(seen()).toEqual(expected);
    expect(steps.map(({ response }) => response?.code)).toEqual([200, 200, 200]);
  },
  120_000,
);

test("ntlm says what newman says", async () => {
  await using server = await startNtlmServer({ tellsTime: false });
  const ntlm = list({ username: "User", password: "Pässword", domain: "corp", workstation: "ws" });
  const document = collection(server.url, { type: "ntlm", ntlm });
  const withoutConnection = (line: string) => line.replace(/^\d+ /, "");

  await runNewman({ ...document, item: document.item.slice(0, 1) });
  const expected = server.log.splice(0).map(withoutConnection);
  await runDocument({ ...document, item: document.item.slice(0, 1) });

  expect(expected).toEqual(["nobody", "negotiate", "CORP\\User@WS"]);
  expect(server.log.map(withoutConnection)).toEqual(expected);
}, 120_000);
