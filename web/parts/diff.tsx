import type { DiffLine } from "../../src/lib/line-diff.ts";
import { plural } from "../format.ts";

/** A field that differs, line by line; without lines it differs where nothing may be shown. */
export interface DiffFieldProps {
  label: string;
  lines: DiffLine[];
  /** Lines that are not shown because there are too many. */
  cut?: number;
}

/** An element that differs. */
export interface DiffElementProps {
  status: "added" | "removed" | "changed" | "moved";
  isMoved?: boolean;
  /** `request`, `folder`, … as a word. */
  kind: string;
  name: string;
  path: string[];
  /** Its page, when it is still there. */
  href?: string | undefined;
  fields: DiffFieldProps[];
}

const signs = { added: "+", removed: "−", changed: "±", moved: "↕" } as const;

/** What differs between two states of a document. Signs and words say it, colours repeat it. */
export function Diff({ elements }: { elements: DiffElementProps[] }) {
  return (
    <ul class="diff plain">
      {elements.map((element) => (
        <li class={`diff-element ${element.status}`}>
          <DiffHead element={element} />
          {element.fields.map((field) => (
            <DiffField field={field} />
          ))}
        </li>
      ))}
    </ul>
  );
}

function DiffHead({ element: { status, isMoved, kind, name, path, href } }: { element: DiffElementProps }) {
  return (
    <h2>
      <span class="sign" aria-hidden="true">
        {signs[status]}
      </span>
      <span class="word">{status === "changed" && isMoved ? "changed and moved" : status}</span>
      <span class="dim">{kind}</span>
      {href === undefined ? <b>{name}</b> : <a href={href}>{name}</a>}
      {path.length > 0 && <span class="dim">in {path.join(" / ")}</span>}
    </h2>
  );
}

function DiffField({ field: { label, lines, cut } }: { field: DiffFieldProps }) {
  return (
    <div class="diff-field">
      <h3>{label}</h3>
      {lines.length === 0 ? (
        <p class="dim">changed; what it holds is not shown</p>
      ) : (
        <div class="diff-lines" tabindex={0} role="group" aria-label={`Changes of ${label}`}>
          {lines.map((line) => (
            <Line line={line} />
          ))}
        </div>
      )}
      {cut !== undefined && cut > 0 && <p class="dim">{`${plural(cut, "more line")} not shown`}</p>}
    </div>
  );
}

function Line({ line }: { line: DiffLine }) {
  if (line.kind === "gap") return <div class="line gap">{`${plural(line.count, "line")} the same`}</div>;
  const code = <code>{line.text === "" ? " " : line.text}</code>;
  if (line.kind === "same") {
    return (
      <div class="line">
        <span class="sign" />
        {code}
      </div>
    );
  }
  const isAdded = line.kind === "added";
  const content = (
    <>
      <span class="sign">
        <span aria-hidden="true">{isAdded ? "+" : "−"}</span>
        <span class="visually-hidden">{isAdded ? "added " : "removed "}</span>
      </span>
      {code}
    </>
  );
  return isAdded ? <ins class="line added">{content}</ins> : <del class="line removed">{content}</del>;
}
