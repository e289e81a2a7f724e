import { z } from "zod";

import { visibilities } from "./workspace.ts";

const visibility = z.enum(visibilities);
const named = z.object({ id: z.string(), name: z.string(), uid: z.string() });
const switchable = named.extend({ deactivated: z.boolean() });
const head = {
  id: z.string(),
  name: z.string(),
  type: z.enum(["personal", "team"]),
  visibility: z.string(),
  createdBy: z.string(),
  about: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
};

export const listQuery = z.object({
  /** Of the visibility. */
  type: visibility.optional(),
  createdBy: z.string().optional(),
  include: z.string().optional(),
  elementType: z.enum(["collection", "specification"]).optional(),
  elementId: z.string().optional(),
  cursor: z.string().optional(),
  limit: z.string().optional(),
});

export const newBody = z.object({
  workspace: z.looseObject({
    name: z.string().min(1),
    type: visibility,
    description: z.string().nullable().optional(),
    about: z.string().nullable().optional(),
  }),
});

export const changeBody = z.object({
  workspace: z.looseObject({
    name: z.string().min(1).optional(),
    type: visibility.optional(),
    description: z.string().nullable().optional(),
    about: z.string().nullable().optional(),
  }),
});

export const workspaceAnswers = {
  list: z.object({
    workspaces: z.array(z.object(head)),
    meta: z.object({ nextCursor: z.string() }).optional(),
  }),
  one: z.object({
    workspace: z.object({
      ...head,
      description: z.string().nullable(),
      updatedBy: z.string(),
      collections: z.array(named).optional(),
      environments: z.array(named).optional(),
      mocks: z.array(switchable).optional(),
      monitors: z.array(switchable).optional(),
      specs: z.array(named).optional(),
    }),
  }),
  reference: z.object({ workspace: z.object({ id: z.string(), name: z.string() }) }),
  deleted: z.object({ workspace: z.object({ id: z.string() }) }),
};
