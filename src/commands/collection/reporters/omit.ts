import type { Step } from "../../../engine/types.ts";

/** What a report leaves out, because it may be confidential or large. */
export interface Omissions {
  requestBodies: boolean;
  responseBodies: boolean;
  headers: boolean;
}

export function omitFrom(step: Step, { requestBodies, responseBodies, headers }: Omissions): Step {
  const { request, response } = step;
  return {
    ...step,
    ...(request && {
      request: {
        ...request,
        ...(headers && { headers: [] }),
        ...(requestBodies && request.body && { body: { bytes: request.body.bytes } }),
      },
    }),
    ...(response && {
      response: {
        ...response,
        ...(headers && { headers: [] }),
        ...(responseBodies && { body: { bytes: response.body.bytes } }),
      },
    }),
  };
}
