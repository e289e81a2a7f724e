import { z } from "zod";

/** One variable; what else it holds is kept. A value out of a vault has `secret` and `source`, and may lack `value`. */
export const variableSchema = z.looseObject({
  key: z.string(),
  value: z.unknown().optional(),
  type: z.enum(["default", "secret"]).optional(),
  enabled: z.boolean().optional(),
  description: z.unknown().optional(),
  secret: z.boolean().optional(),
  source: z.unknown().optional(),
});

const reference = z.object({ id: z.string(), name: z.string(), uid: z.string() });

const head = {
  id: z.string(),
  name: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  owner: z.string(),
  uid: z.string(),
  isPublic: z.boolean(),
};

export const newEnvironmentBody = z.object({
  environment: z.looseObject({ name: z.string().min(1), values: z.array(variableSchema).optional() }),
});

export const environmentBody = z.object({
  environment: z.looseObject({
    name: z.string().min(1).optional(),
    values: z.array(variableSchema).optional(),
  }),
});

export const globalsBody = z.looseObject({ values: z.array(variableSchema) });

export const environmentAnswers = {
  list: z.object({ environments: z.array(z.object(head)) }),
  full: z.object({ environment: z.object({ ...head, values: z.array(variableSchema) }) }),
  reference: z.object({ environment: reference }),
  deleted: z.object({ environment: reference.omit({ name: true }) }),
  globals: z.object({ values: z.array(variableSchema) }),
};
