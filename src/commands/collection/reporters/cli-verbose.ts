import type { HeaderList, KeptBody, Step } from "../../../engine/types.ts";
import type { CliOptions } from "./cli.ts";
import { formatBytes, formatMs, forTerminal } from "./format.ts";

/** More of a body would push the rest off the screen. */
const SHOWN_CHARS = 2048;

/** Headers, bodies and the phases of a request. */
export function verboseLines(
  { request, response, timings, redirects }: Step,
  { paint, glyphs }: CliOptions,
): string[] {
  const block = (title: string, headers: HeaderList, body: KeptBody | undefined) => [
    `  ${glyphs.boxTop || "+"} ${paint.bold(title)}`,
    ...[...headers.map(([name, value]) => `${name}: ${value}`), "", ...bodyLines(body)]
      .flatMap((line) => forTerminal(line).split("\n"))
      .map((line) => (line === "" ? `  ${glyphs.boxSide}` : `  ${glyphs.boxSide} ${paint.dim(line)}`)),
    ...(glyphs.boxBottom ? [`  ${glyphs.boxBottom}`] : []),
  ];
  const phases = timings && [
    ["dns", timings.dnsMs],
    ["tcp", timings.connectMs],
    ["tls", timings.tlsMs],
    ["first byte", timings.firstByteMs],
    ["download", timings.downloadMs],
    ["total", timings.totalMs],
  ];
  return [
    ...redirects.map(
      ({ code, method, url }) =>
        `  ${paint.dim(`redirected with ${code} from ${method} ${forTerminal(url)}`)}`,
    ),
    ...(request ? block("request", request.headers, request.body) : []),
    ...(response ? block(`response, HTTP ${response.httpVersion}`, response.headers, response.body) : []),
    ...(phases
      ? [`  ${paint.dim(phases.map(([name, ms]) => `${name} ${formatMs(Number(ms))}`).join(", "))}`]
      : []),
  ];
}

function bodyLines(body: KeptBody | undefined): string[] {
  if (!body || body.bytes === 0) return [];
  if (body.text === undefined) return [`(${formatBytes(body.bytes)} of binary content)`];
  if (body.text.length <= SHOWN_CHARS && !body.truncated) return [body.text];
  return [body.text.slice(0, SHOWN_CHARS), `(the beginning of ${formatBytes(body.bytes)})`];
}
