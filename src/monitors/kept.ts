import { z } from "zod";

import type { monitors } from "../../db/schema.ts";
import { type KeptMessages, keptMessages } from "../contract/kept.ts";

/** What a monitor keeps of its results; Postman does not know these, so the API has them beside its options. */
export interface KeptSettings {
  keepRequests: KeptMessages;
  keepResponses: KeptMessages;
  /** Of steps. */
  keepDays: number;
  /** Of runs, the ledger and what charts are drawn from; steps go with their run. */
  keepRunDays: number;
}

const days = (max: number) => {
  const error = `must be a whole number of days from 1 to ${max}`;
  return z.int({ error }).min(1, { error }).max(max, { error });
};
export const keptFields = {
  keepRequests: keptMessages.optional(),
  keepResponses: keptMessages.optional(),
  keepDays: days(400).optional(),
  keepRunDays: days(4000).optional(),
};

export const keptNames = ["keepRequests", "keepResponses", "keepDays", "keepRunDays"] as const;

export const keptOf = ({
  keepRequests,
  keepResponses,
  keepDays,
  keepRunDays,
}: Pick<typeof monitors.$inferSelect, keyof KeptSettings>): KeptSettings => ({
  keepRequests,
  keepResponses,
  keepDays,
  keepRunDays,
});
