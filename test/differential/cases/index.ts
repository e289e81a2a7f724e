import type { Case } from "../case.ts";
import { journeyCases } from "./journeys.ts";
import { messageCases } from "./messages.ts";
import { urlCases } from "./urls.ts";

export const cases: Case[] = [...urlCases, ...messageCases, ...journeyCases];
