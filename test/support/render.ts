import { html } from "hono/html";
import type { Child } from "hono/jsx";

/** Markup of a component; none of ours waits for anything, so it is a string at once, not a promise. */
export const render = (node: Child): string => (html`${node}` as unknown as string).toString();
