import type { Tool, ToolSet } from "./tool.ts";
import { monitorTools } from "./tools/monitors.ts";

const all: readonly Tool[] = [...monitorTools];

/** The tools of a set, by name in the order in which they are listed. */
export const toolsOf = (set: ToolSet): readonly Tool[] => all.filter(({ sets }) => sets.includes(set));

export const allTools = all;
