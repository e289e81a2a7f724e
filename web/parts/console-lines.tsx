import type { Step } from "../../src/contract/events.ts";
import { formatDuration } from "../format.ts";

export type ConsoleLine = Step["console"][number];

interface ConsoleLinesProps {
  lines: readonly ConsoleLine[];
  /** Marked where it occurs; in lower case. */
  search?: string;
}

/** What scripts printed, line by line, with its level and when in the step it was. */
export function ConsoleLines({ lines, search = "" }: ConsoleLinesProps) {
  return (
    <ol class="console">
      {lines.map((line) => (
        <li class={line.level}>
          <span class="level">{line.level}</span>
          <span class="at">{formatDuration(line.atMs)}</span>
          <span class="said">
            <Marked text={textOf(line)} search={search} />
          </span>
        </li>
      ))}
    </ol>
  );
}

/** The arguments of a call as one text. */
export const textOf = ({ messages }: ConsoleLine): string => messages.join(" ");

function Marked({ text, search }: { text: string; search: string }) {
  if (search === "") return <>{text}</>;
  const lower = text.toLowerCase();
  // Some letters have another length in lower case, and places would be wrong.
  if (lower.length !== text.length) return <>{text}</>;
  const parts = [];
  let end = 0;
  for (let at = lower.indexOf(search); at !== -1; at = lower.indexOf(search, end)) {
    parts.push(text.slice(end, at), <mark>{text.slice(at, at + search.length)}</mark>);
    end = at + search.length;
  }
  parts.push(text.slice(end));
  return <>{parts}</>;
}
