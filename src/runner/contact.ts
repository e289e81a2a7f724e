import type { Log } from "../lib/log.ts";
import { CallError, type CallOptions, type ControlPlane } from "./client.ts";

export interface Contact {
  /** `performance.now()` of the last answer that was understood, a refusal included; undefined = never. */
  lastAnswerMs: number | undefined;
  /** `performance.now()` since when nothing works; undefined while it works. */
  downSinceMs: number | undefined;
}

/** The same control plane, which says once when it is out of reach and once when it is back. */
export function watchContact(
  controlPlane: ControlPlane,
  log: Log,
): { controlPlane: ControlPlane; contact: Contact } {
  const contact: Contact = { lastAnswerMs: undefined, downSinceMs: undefined };

  const answered = () => {
    contact.lastAnswerMs = performance.now();
    if (contact.downSinceMs === undefined) return;
    const outageMs = Math.round(contact.lastAnswerMs - contact.downSinceMs);
    contact.downSinceMs = undefined;
    log.info("control plane is back", { outageMs });
  };
  const failed = (error: unknown, options: CallOptions | undefined) => {
    if (options?.signal?.aborted) return;
    if (!(error instanceof CallError) || error.kind !== "retryable") return answered();
    if (contact.downSinceMs !== undefined) return;
    contact.downSinceMs = performance.now();
    log.warn("control plane does not answer", { why: error.message });
  };
  const watch =
    <Body, Answer>(call: (body: Body, options?: CallOptions) => Promise<Answer>) =>
    async (body: Body, options?: CallOptions): Promise<Answer> => {
      try {
        const answer = await call(body, options);
        answered();
        return answer;
      } catch (error) {
        failed(error, options);
        throw error;
      }
    };

  return {
    contact,
    controlPlane: {
      register: watch(controlPlane.register),
      claim: watch(controlPlane.claim),
      heartbeat: watch(controlPlane.heartbeat),
      sendEvents: watch(controlPlane.sendEvents),
      check: watch(controlPlane.check),
      selfTest: watch(controlPlane.selfTest),
      drain: watch(controlPlane.drain),
      deregister: watch(controlPlane.deregister),
      close: controlPlane.close,
    },
  };
}
