import { Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { problem } from "../lib/errors.ts";
import { bareId, isUuid } from "../lib/ids.ts";
import { parseJson, parseOrThrow } from "../lib/parse.ts";
import { requireWorkspace } from "./store.ts";
import { transferElement } from "./transfers-store.ts";

const transferBody = z.object({
  /** Id or uid. */
  id: z.string(),
  type: z.enum(["collection", "environment", "api", "flow", "mock", "monitor"]),
  /** Id of the other workspace. */
  to: z.string(),
});
const transferAnswer = z.object({
  workspace: z.object({
    "element-transfers": z.object({
      type: z.string(),
      from: z.string(),
      id: z.string(),
      to: z.string(),
    }),
  }),
});
const oneTeam =
  "An installation is one team, so there is no other one to move a workspace to; change who sees it with PATCH /workspaces/{id}/roles.";

/** `/workspaces/:id/element-transfers` and `/workspaces/:id/transfers` of the Postman API. */
export function workspaceTransfersApi({ database }: Pick<Deps, "database">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.post(
    "/workspaces/:id/element-transfers",
    documented({
      summary: "Move an element to another workspace",
      description: "Of a collection its monitors, mocks and webhooks go with it.",
      tag: "Workspaces",
      body: transferBody,
      answer: transferAnswer,
    }),
    async (c) => {
      const actor = c.get("actor");
      const asked = { id: c.req.param("id"), needed: "editor", notFound } as const;
      const { id: from } = await requireWorkspace(database, actor, asked);
      const sent = parseOrThrow(transferBody, parseJson(await c.req.text()));
      if (sent.type === "api" || sent.type === "flow") {
        throw problem(
          "not_implemented",
          `There is nothing of the type ${sent.type} in an installation of your own.`,
        );
      }
      if (!isUuid(sent.to)) throw notFound();
      const id = bareId(sent.id);
      if (id === undefined) throw problem("not_found", `There is no such ${sent.type} in the workspace.`);
      const transfer = { type: sent.type, id, from, to: sent.to.toLowerCase() };
      await transferElement(database, actor, transfer);
      return c.json({ workspace: { "element-transfers": { ...transfer, id: sent.id } } });
    },
  );

  routes.patch(
    "/workspaces/:id/transfers",
    documented({
      summary: "Move a workspace to another team: not available here",
      description: oneTeam,
      tag: "Not available here",
      status: 501,
      contentType: "application/problem+json",
    }),
    () => {
      throw problem("not_implemented", oneTeam);
    },
  );

  return routes;
}

const notFound = () => problem("not_found", "Workspace not found");
