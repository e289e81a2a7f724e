import { plural } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";

/** What will not behave as in Postman. */
export interface FindingRow {
  level: "unsupported" | "different";
  where: string;
  what: string;
}

export function Findings({ findings, left }: { findings: FindingRow[]; left: number }) {
  if (findings.length === 0) {
    return (
      <p>
        <span aria-hidden="true">✓ </span>Everything in it works as in Postman.
      </p>
    );
  }
  return (
    <>
      <ul class="plain findings">
        {findings.map(({ level, where, what }) => (
          <li>
            <b class={level === "unsupported" ? "alarm" : undefined}>
              <span aria-hidden="true">{level === "unsupported" ? "✕ " : "! "}</span>
              {level === "unsupported" ? "not supported" : "different"}
            </b>{" "}
            {where !== "" && <span class="dim">{`${where}: `}</span>}
            {what}
          </li>
        ))}
      </ul>
      {left > 0 && <p class="dim">{`${plural(left, "more finding")} not shown`}</p>}
    </>
  );
}

export const compatibilityPage = (props: {
  shell: Shell;
  collection: { id: string; name: string };
  findings: FindingRow[];
  left: number;
}) =>
  page(
    <Layout title={`Compatibility of ${props.collection.name}`} shell={props.shell} section="collections">
      <div class="head">
        <div>
          <p class="crumbs">
            <a href="/collections">Collections</a> /{" "}
            <a href={`/collections/${props.collection.id}`}>{props.collection.name}</a>
          </p>
          <h1>Compatibility</h1>
        </div>
      </div>
      <Findings findings={props.findings} left={props.left} />
    </Layout>,
  );
