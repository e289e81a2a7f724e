import type { Case } from "../case.ts";
import { assertionCases } from "./assertions.ts";
import { flowCases } from "./flow.ts";
import { journeyCases } from "./journeys.ts";
import { messageCases } from "./messages.ts";
import { requestViewCases } from "./request-view.ts";
import { scriptCases } from "./scripts.ts";
import { sendRequestCases } from "./send-request.ts";
import { signedCases } from "./signed.ts";
import { urlCases } from "./urls.ts";
import { valueCases } from "./values.ts";
import { variableCases } from "./variables.ts";

export const cases: Case[] = [
  ...urlCases,
  ...messageCases,
  ...journeyCases,
  ...scriptCases,
  ...requestViewCases,
  ...assertionCases,
  ...flowCases,
  ...sendRequestCases,
  ...signedCases,
  ...variableCases,
  ...valueCases,
];
