import type { Case } from "../case.ts";
import { assertionCases } from "./assertions.ts";
import { flowCases } from "./flow.ts";
import { journeyCases } from "./journeys.ts";
import { messageCases } from "./messages.ts";
import { scriptCases } from "./scripts.ts";
import { urlCases } from "./urls.ts";

export const cases: Case[] = [
  ...urlCases,
  ...messageCases,
  ...journeyCases,
  ...scriptCases,
  ...assertionCases,
  ...flowCases,
];
