import type { Shell } from "../layout.tsx";
import { ActionButton } from "./form.tsx";
import { Time } from "./time.tsx";

export interface MuteRow {
  id: string;
  /** Of the monitor or the rule. */
  name: string;
  href: string | undefined;
  what: "monitor" | "rule";
  reason: string;
  mutedByName: string;
  createdAt: Date;
  /** Null = until the monitor passes. */
  untilAt: Date | null;
  mayChange: boolean;
}

/** Who does not want to be told of what, why, and until when. */
export function Mutes({ rows, shell, back }: { rows: MuteRow[]; shell: Shell; back: string }) {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Muted</th>
          <th scope="col">By</th>
          <th scope="col">Until</th>
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            <td class="name">
              {row.href === undefined ? row.name : <a href={row.href}>{row.name}</a>}
              <span class="sub">{row.what === "rule" ? "one rule" : "the whole monitor"}</span>
            </td>
            <td data-label="By" class="long">
              {row.mutedByName}, <Time at={row.createdAt} now={shell.now} />
              {row.reason !== "" && <span class="sub">{row.reason}</span>}
            </td>
            <td data-label="Until">
              <Time at={row.untilAt} now={shell.now} show="both" otherwise="it passes" />
            </td>
            <td class="end">
              {row.mayChange && (
                <ActionButton
                  action={`/alerts/mutes/${row.id}/end?back=${encodeURIComponent(back)}`}
                  csrfToken={shell.csrfToken}
                  label="Unmute"
                  class="small"
                />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
