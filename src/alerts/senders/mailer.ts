import { rootCertificates } from "node:tls";

import { createTransport } from "nodemailer";

import { toError } from "../../lib/errors.ts";
import type { SmtpConfig } from "../../lib/smtp-url.ts";
import { oneLine } from "../message.ts";
import { DeliveryError, MAX_RESPONSE_CHARS, type Receipt } from "./sender.ts";

export interface Mail {
  to: readonly string[];
  subject: string;
  text: string;
  html: string;
  /** The local part of the Message-ID: the same with every attempt. */
  id: string;
  /** Of the thread that it belongs to. */
  threadId: string;
}

export type SendMail = (mail: Mail) => Promise<Receipt>;

const TIMEOUT_MS = 10_000;

/** A connection per message: messages are rare, and mail servers close what is idle. */
export function createMailer(
  { host, port, tls, credentials, from }: SmtpConfig,
  {
    publicUrl,
    extraCaCerts,
    timeoutMs = TIMEOUT_MS,
  }: { publicUrl: string; extraCaCerts?: string[] | undefined; timeoutMs?: number | undefined },
): SendMail {
  const domain = new URL(publicUrl).hostname.replace(/^\[|\]$/g, "");
  const transport = createTransport({
    host,
    port,
    secure: tls === "implicit",
    requireTLS: tls === "required",
    ignoreTLS: tls === "off",
    ...(credentials && { auth: credentials }),
    tls: { ...(extraCaCerts && { ca: [...rootCertificates, ...extraCaCerts] }) },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return async ({ to, subject, text, html, id, threadId }) => {
    const sent = await transport
      .sendMail({
        from,
        to: to.map((address) => ({ name: "", address })),
        subject: oneLine(subject, 200),
        text,
        html,
        messageId: `<${id}@${domain}>`,
        references: `<${threadId}@${domain}>`,
        inReplyTo: `<${threadId}@${domain}>`,
        // So that no absence note answers.
        headers: { "Auto-Submitted": "auto-generated" },
      })
      .catch((error: unknown) => {
        throw refusedBy(error);
      });
    const rejected = sent.rejected.map(String);
    const refusal = rejected.length === 0 ? "" : ` Not taken for ${rejected.join(", ")}.`;
    return {
      status: codeOf(sent.response),
      response: oneLine(`${sent.response}${refusal}`, MAX_RESPONSE_CHARS),
    };
  };
}

const codeOf = (response: string): number | null => {
  const code = Number(/^\d{3}/.exec(response)?.[0]);
  return Number.isNaN(code) ? null : code;
};

/** Steps at which a refusal is about the mail itself: its recipients, and its text. Whoever may not send can be let in later. */
const ABOUT_THE_MAIL: readonly unknown[] = ["EENVELOPE", "EMESSAGE"];

function refusedBy(thrown: unknown): DeliveryError {
  const error = toError(thrown);
  const status =
    "responseCode" in error && typeof error.responseCode === "number" ? error.responseCode : null;
  const isForGood =
    status !== null && status >= 500 && "code" in error && ABOUT_THE_MAIL.includes(error.code);
  return new DeliveryError(oneLine(error.message, MAX_RESPONSE_CHARS), { mayRetry: !isForGood, status });
}
