import { html } from "hono/html";
import type { Child } from "hono/jsx";

/** Markup of a component; none of ours waits for anything, so it is there at once. */
export const render = (node: Child): string => html`${node}`.toString();
