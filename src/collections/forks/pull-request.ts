import type { PullRequestStatus } from "../../../db/schema.ts";
import { type AppError, problem } from "../../lib/errors.ts";

export const actions = ["approve", "unapprove", "decline", "merge"] as const;
export type ReviewAction = (typeof actions)[number];

export interface Review {
  userId: number;
  status: "pending" | "approved" | "declined";
}

/**
 * open ⇄ approved (somebody approves; the last approval is taken back) → merged or declined, which are final. Nobody has to
 * approve before a merge, as in Postman. Returns the state after the action; throws 400 for one that it does not allow.
 */
export function review(
  { status, reviews }: { status: PullRequestStatus; reviews: readonly Review[] },
  action: ReviewAction,
  userId: number,
): { status: PullRequestStatus; reviews: Review[] } {
  if (status === "merged" || status === "declined") throw notAllowed();
  const own = reviews.find((given) => given.userId === userId);
  if (action === "merge") return { status: "merged", reviews: [...reviews] };
  if (action === "approve") return decided([...others(reviews, userId), { userId, status: "approved" }]);
  if (action === "decline") {
    return { status: "declined", reviews: [...others(reviews, userId), { userId, status: "declined" }] };
  }
  if (own?.status !== "approved") throw notAllowed();
  return decided([...others(reviews, userId), { userId, status: "pending" }]);
}

const others = (reviews: readonly Review[], userId: number): Review[] =>
  reviews.filter((given) => given.userId !== userId);

const decided = (reviews: Review[]): { status: PullRequestStatus; reviews: Review[] } => ({
  status: reviews.some(({ status }) => status === "approved") ? "approved" : "open",
  reviews,
});

/** New reviewers have decided nothing; those who stay keep what they decided. */
export const replaceReviewers = (reviews: readonly Review[], userIds: readonly number[]) =>
  decided(
    [...new Set(userIds)].map(
      (userId) => reviews.find((given) => given.userId === userId) ?? { userId, status: "pending" as const },
    ),
  );

const notAllowed = (): AppError =>
  problem("bad_request", "Given action on current pull request is not allowed");
