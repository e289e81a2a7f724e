import type { AlertChannelKind } from "./alert.ts";

/**
 * What a message carries that outlives its channel, beside what it says; stored as `through` of `alert_deliveries.message`.
 * The configuration leaves it once it is sent or given up, the rest stays for the log.
 */
export interface Carried {
  sealedConfig: string;
  kind: AlertChannelKind;
  name: string;
  target: string;
}
