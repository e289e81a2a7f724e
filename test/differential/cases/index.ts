import type { Case } from "../case.ts";
import { urlCases } from "./urls.ts";

export const cases: Case[] = [...urlCases];
