/** A secret that the form stands for without having it. */
export interface HeldSecret {
  /** `stored` in the document, or `typed` into this form before. */
  held?: "stored" | "typed" | undefined;
  /** What was typed before, sealed. */
  sealed?: string | undefined;
}

const hints = { stored: "•••••••• stays; type to replace", typed: "•••••••• as typed before" };

export const heldHint = ({ held }: HeldSecret): string | undefined =>
  held === undefined ? undefined : hints[held];

/** Sends a secret that was typed before along, behind the field in which another one may be typed. */
export const Held = ({ name, sealed }: { name: string; sealed: string }) => (
  <input type="hidden" name={name} value={sealed} />
);
