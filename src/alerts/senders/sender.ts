import type { ChannelConfig } from "../channel.ts";
import { cut, type AlertMessage } from "../message.ts";
import type { PostJson } from "./http.ts";
import type { SendMail } from "./mailer.ts";

/** A message on its way to one receiver. */
export interface Parcel {
  /** Of the delivery: the same with every attempt, so that receivers that know such keys take it once. */
  id: string;
  /** One from the first message of an alert to its recovery. */
  alertId: string;
  message: AlertMessage;
}

export interface SenderDeps {
  postJson: PostJson;
  /** Undefined when the installation has no mail server. */
  sendMail: SendMail | undefined;
  /** Seconds since 1970, for signatures. */
  nowSeconds: () => number;
}

/** What the receiver said when it took the message. */
export interface Receipt {
  status: number | null;
  /** Cut. */
  response: string;
}

type ConfigOf<K extends ChannelConfig["kind"]> = Extract<ChannelConfig, { kind: K }>;

/**
 * Sends one message through one kind of channel. Resolves when the receiver has taken it; throws `DeliveryError` with whether
 * another attempt makes sense. Anything else that it throws is a bug.
 */
export type Sender<K extends ChannelConfig["kind"]> = (
  deps: SenderDeps,
  config: ConfigOf<K>,
  parcel: Parcel,
) => Promise<Receipt>;

export class DeliveryError extends Error {
  /** False: the receiver will never take it as it is. */
  readonly mayRetry: boolean;
  /** HTTP status or SMTP code; null when there was no answer. */
  readonly status: number | null;
  /** How long the receiver wants to be left alone; ms. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    {
      mayRetry,
      status = null,
      retryAfterMs,
    }: { mayRetry: boolean; status?: number | null; retryAfterMs?: number },
  ) {
    super(cut(message, MAX_RESPONSE_CHARS));
    this.name = "DeliveryError";
    this.mayRetry = mayRetry;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

export const MAX_RESPONSE_CHARS = 500;

/** Whether a message ends its alert: no more will come. */
export const isLast = (event: AlertMessage["event"]): boolean => event === "recovered" || event === "closed";

/** A service that opens incidents has no place for a summary. */
export function refuseSummary({ event }: AlertMessage, service: string): void {
  if (event !== "summary") return;
  throw new DeliveryError(`${service} takes alerts only; send summaries to e-mail, a chat or a webhook.`, {
    mayRetry: false,
  });
}
