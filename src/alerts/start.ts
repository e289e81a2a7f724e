import { type Deps } from "../access/context.ts";
import type { SmtpConfig } from "../lib/smtp-url.ts";
import { startAlertLoops } from "./loops.ts";
import { createPoster, type OutboundOptions } from "./senders/http.ts";
import { createMailer } from "./senders/mailer.ts";

export interface AlertOptions extends OutboundOptions {
  /** Undefined: mail waits in the outbox until there is one. */
  smtp?: SmtpConfig | undefined;
  /** What is different in a run since the last one that passed, one sentence each, most likely culprit first. */
  changesOf?: ((runId: string) => Promise<string[]>) | undefined;
}

/** Evaluates what happens and sends what there is to tell, until it is stopped. Any number of servers may do it. */
export function startAlerts(deps: Deps, options: AlertOptions): { stop(): Promise<void> } {
  const { smtp, changesOf, ...outbound } = options;
  const poster = createPoster(outbound);
  const { publicUrl, clock } = deps;
  const sendMail = smtp && createMailer(smtp, { publicUrl, ...outbound });
  const nowSeconds = () => Math.floor(clock.now().getTime() / 1000);
  const loops = startAlertLoops({
    ...deps,
    changesOf,
    senders: { postJson: poster.postJson, sendMail, nowSeconds },
  });
  return {
    async stop() {
      await loops.stop();
      await poster.close();
    },
  };
}
