import { html } from "hono/html";
import type { Child } from "hono/jsx";
import type { HtmlEscapedString } from "hono/utils/html";

/** Markup of a component; none of ours waits for anything, so it is there at once, not a promise. */
export const render = (node: Child): string => "".concat(html`${node}` as HtmlEscapedString);
