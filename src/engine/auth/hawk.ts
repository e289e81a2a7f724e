import { createHash, createHmac } from "node:crypto";

import { getHeader } from "../http/headers.ts";
import type { Sign, SignableRequest } from "./auth-type.ts";
import { textOf } from "./parameters.ts";
import { randomText } from "./random.ts";

/** The Hawk scheme. Without id or key nothing is signed. */
export const hawk: Sign = (parameters, request, { now }) => {
  const text = (name: string) => textOf(parameters[name]);
  const id = text("authId");
  const key = text("authKey");
  if (id === "" || key === "") return {};
  const algorithm = text("algorithm");
  // As in Postman: the header is there, and the server says what it thinks of it.
  if (algorithm !== "sha1" && algorithm !== "sha256") return { headers: [["Authorization", ""]] };
  const artifacts: Artifacts = {
    timestamp: Number.parseInt(text("timestamp"), 10) ? text("timestamp") : String(seconds(now())),
    nonce: text("nonce") || randomText(6),
    hash: parameters["includePayloadHash"] ? payloadHash(request, algorithm) : "",
    ext: text("extraData"),
    app: text("app"),
    dlg: text("delegation"),
  };
  const mac = createHmac(algorithm, key).update(normalized(artifacts, request)).digest("base64");
  return { headers: [["Authorization", hawkHeader(id, artifacts, mac)]] };
};

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

interface Artifacts {
  timestamp: string;
  nonce: string;
  hash: string;
  ext: string;
  app: string;
  dlg: string;
}

function normalized(artifacts: Artifacts, { method, url }: SignableRequest): string {
  const { timestamp, nonce, hash, ext, app, dlg } = artifacts;
  // Only the first of each is escaped: so does the scheme's own implementation, which servers run.
  const escaped = ext.replace("\\", "\\\\").replace("\n", "\\n");
  const lines = ["hawk.1.header", timestamp, nonce, method, url.path, hostOf(url), url.port, hash, escaped];
  if (app !== "") lines.push(app, dlg);
  return `${lines.join("\n")}\n`;
}

/** Brackets around IPv6 stay, as in the Host header. */
const hostOf = ({ host }: SignableRequest["url"]): string => host.replace(/:\d+$/, "");

function hawkHeader(id: string, { timestamp, nonce, hash, ext, app, dlg }: Artifacts, mac: string): string {
  const parts = [`id="${id}"`, `ts="${timestamp}"`, `nonce="${nonce}"`];
  if (hash !== "") parts.push(`hash="${hash}"`);
  if (ext !== "") parts.push(`ext="${ext.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`);
  parts.push(`mac="${mac}"`);
  if (app !== "") parts.push(`app="${app}"`);
  if (app !== "" && dlg !== "") parts.push(`dlg="${dlg}"`);
  return `Hawk ${parts.join(", ")}`;
}

/** Over the body and the type that it is sent with; without a body there is none. */
function payloadHash({ headers, body }: SignableRequest, algorithm: string): string {
  if (!body || body.bytes.length === 0) return "";
  const contentType = getHeader(headers, "content-type") ?? body.contentType;
  const mediaType = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return createHash(algorithm)
    .update(`hawk.1.payload\n${mediaType}\n`)
    .update(body.bytes)
    .update("\n")
    .digest("base64");
}
