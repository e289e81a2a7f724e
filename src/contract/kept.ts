import { z } from "zod";

/** Of which steps headers and body are kept: of those that failed or met an error, of all, of none. */
export const keptMessages = z.enum(["failed", "all", "none"]);
export type KeptMessages = z.infer<typeof keptMessages>;

/** What a monitor keeps of the messages of its steps. */
export interface Keeping {
  requests: KeptMessages;
  responses: KeptMessages;
}

interface Message {
  headers: [string, string][];
  body?: { bytes: number } | undefined;
  omitted?: boolean | undefined;
}

interface MessagesOfStep {
  request?: Message | undefined;
  response?: Message | undefined;
  assertions: { status: string }[];
  errors: unknown[];
}

/**
 * The step without what is not to be kept. Says so in `omitted` either way: a message that carries no such mark comes
 * from a program that does not know about it.
 */
export function leaveOut<T extends MessagesOfStep>(step: T, { requests, responses }: Keeping): T {
  const { request, response } = step;
  if (!request && !response) return step;
  const hasFailed = step.errors.length > 0 || step.assertions.some(({ status }) => status === "failed");
  const isKept = (wanted: KeptMessages) => wanted === "all" || (wanted === "failed" && hasFailed);
  return {
    ...step,
    ...(request && { request: isKept(requests) ? marked(request) : reduced(request) }),
    ...(response && { response: isKept(responses) ? marked(response) : reduced(response) }),
  };
}

/** Whether the program that sent the step knows about it. */
export const isMarked = ({ request, response }: MessagesOfStep): boolean =>
  (request ?? response)?.omitted !== undefined || (!request && !response);

const marked = <T extends Message>(message: T): T => ({ ...message, omitted: false });

const reduced = <T extends Message>(message: T): T => ({
  ...message,
  headers: message.headers.filter(([name]) => name.toLowerCase() === "content-type"),
  ...(message.body && { body: { bytes: message.body.bytes } }),
  omitted: true,
});
