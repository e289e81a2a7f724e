import type { Step } from "../src/contract/events.ts";

export interface CurlCommand {
  /** For a POSIX shell. */
  command: string;
  /** What the command lacks, in whole sentences. */
  notes: string[];
}

type SentRequest = NonNullable<Step["request"]>;

/** What curl works out itself, and would send twice or wrongly. */
const ownHeaders = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
]);

/** A secret as the runner leaves it in a result: its name in such quotes. */
const placeholder = /«[^«»\n]{1,200}»/;

/**
 * The request as a command that sends it again: same method, address, headers and body, as far as they were kept. No text of
 * the request is ever read by the shell.
 */
export function toCurl(request: SentRequest): CurlCommand {
  const headers = request.headers.filter(([name]) => !ownHeaders.has(name.toLowerCase()));
  const parts = [
    [
      "curl",
      ...methodOptions(request.method),
      "--globoff",
      ...compressedOption(request),
      quote(request.url),
    ].join(" "),
    ...headers.map(([name, value]) => `--header ${quote(headerText(name, value))}`),
    ...bodyOptions(request),
  ];
  return { command: parts.join(" \\\n  "), notes: notesOf(request) };
}

/** One word of a POSIX shell, whatever is in it. A NUL, which no argument can hold, is left out. */
export const quote = (text: string): string =>
  `'${text.replaceAll("\0", "").replaceAll("'", String.raw`'\''`)}'`;

function methodOptions(method: string): string[] {
  if (method === "HEAD") return ["--head"];
  return method === "GET" ? [] : ["--request", quote(method)];
}

const compressedOption = ({ headers }: SentRequest): string[] =>
  headers.some(([name]) => name.toLowerCase() === "accept-encoding") ? ["--compressed"] : [];

/** A header without a value needs a semicolon, or curl takes it for one to leave out. */
const headerText = (name: string, value: string): string => (value === "" ? `${name};` : `${name}: ${value}`);

function bodyOptions({ method, headers, body }: SentRequest): string[] {
  if (body?.text === undefined || body.text === "") return [];
  const hasType = headers.some(([name]) => name.toLowerCase() === "content-type");
  return [
    // curl would call it a form.
    ...(hasType ? [] : [`--header 'Content-Type:'`]),
    ...(method === "GET" ? ["--request 'GET'"] : []),
    `--data-raw ${quote(body.text)}`,
  ];
}

function notesOf(request: SentRequest): string[] {
  const { body } = request;
  const texts = [request.url, ...request.headers.map(([, value]) => value), body?.text ?? ""];
  return [
    ...(texts.some((text) => placeholder.test(text))
      ? ["Secrets never leave the runner: replace each «name» by the value of that variable."]
      : []),
    ...(request.omitted ? ["Headers and body were not kept, so the command lacks them."] : []),
    ...(body?.truncated
      ? ["Only the beginning of the body was kept, so the command sends less than the run."]
      : []),
    ...(!request.omitted && body !== undefined && body.bytes > 0 && body.text === undefined
      ? ["The body is no text and was not kept: add it with --data-binary @FILE."]
      : []),
  ];
}
