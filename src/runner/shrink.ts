import { runEvent, type Step } from "../contract/events.ts";

const MAX_TEXT_CHARS = 1_000;
const MAX_HEADERS = 50;
const MAX_ASSERTIONS = 1_000;

/**
 * The same event with only what decides the outcome, for a control plane, or a proxy on the way, that refuses it as
 * too large: a step without its details is worth more than a run without its step. Other events stay as they are.
 */
export function shrinkEvent(line: string): string {
  const event = runEvent.parse(JSON.parse(line));
  if (event.type !== "step_finished") return line;
  const { seq, type, ...rest } = event;
  return JSON.stringify({ seq, type, ...rest, step: shrinkStep(event.step, line.length) });
}

function shrinkStep(step: Step, sizeChars: number): Step {
  const { request, response } = step;
  const note = `This step was too large to be delivered (${sizeChars} characters): bodies, console and more are left out.`;
  return {
    ...step,
    ...(request && { request: { ...request, ...shrinkMessage(request) } }),
    ...(response && { response: { ...response, ...shrinkMessage(response) } }),
    assertions: step.assertions.slice(0, MAX_ASSERTIONS).map((assertion) => ({
      ...assertion,
      name: cut(assertion.name),
      ...(assertion.error && { error: { ...assertion.error, message: cut(assertion.error.message) } }),
    })),
    errors: step.errors.map((error) => ({ ...error, message: cut(error.message) })),
    console: [{ level: "warn", atMs: step.durationMs, messages: [note] }],
  };
}

type Message = Pick<NonNullable<Step["response"]>, "headers"> & {
  body?: { bytes: number; text?: string | undefined } | undefined;
};

const shrinkMessage = ({ headers, body }: Message) => ({
  headers: headers.slice(0, MAX_HEADERS).map(([name, value]): [string, string] => [cut(name), cut(value)]),
  ...(body && { body: { bytes: body.bytes, truncated: true } }),
});

const cut = (text: string): string =>
  text.length > MAX_TEXT_CHARS ? `${text.slice(0, MAX_TEXT_CHARS)}…` : text;
