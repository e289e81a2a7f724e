import { inMinimal, type Tool, type ToolSet, toolSets } from "./tool.ts";
import { accountTools } from "./tools/account.ts";
import { collectionTools } from "./tools/collections.ts";
import { commentTools } from "./tools/comments.ts";
import { contextTools } from "./tools/context.ts";
import { environmentTools } from "./tools/environments.ts";
import { forkTools } from "./tools/forks.ts";
import { itemTools } from "./tools/items.ts";
import { mockTools } from "./tools/mocks.ts";
import { monitorTools } from "./tools/monitors.ts";
import { runCollectionTool } from "./tools/run-collection.ts";
import { runnerTools } from "./tools/runners.ts";
import { serviceTools } from "./tools/services.ts";
import { specTools } from "./tools/specs.ts";
import { webhookTools } from "./tools/webhooks.ts";
import { workspaceTools } from "./tools/workspaces.ts";

const enabledTools: Tool = {
  name: "getEnabledTools",
  title: "List the sets of tools",
  description:
    "Which tools the sets full (/mcp), minimal (/minimal) and code (/code) have. For when one is missing.",
  sets: inMinimal,
  call: "GET /me",
  input: {},
  steps: () => {
    const names = toolSets.map((set) => [set, toolsOf(set).map(({ name }) => name)]);
    return Promise.resolve({ status: 200, body: Object.fromEntries(names) });
  },
};

/** In the order in which they are listed: where to begin stands first. */
export const allTools: readonly Tool[] = [
  ...accountTools,
  ...workspaceTools,
  ...collectionTools,
  runCollectionTool,
  ...itemTools,
  ...environmentTools,
  ...monitorTools,
  ...runnerTools,
  ...mockTools,
  ...webhookTools,
  ...specTools,
  ...contextTools,
  ...forkTools,
  ...commentTools,
  ...serviceTools,
  enabledTools,
];

export const toolsOf = (set: ToolSet): readonly Tool[] => allTools.filter(({ sets }) => sets.includes(set));
