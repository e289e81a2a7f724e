import type { Child } from "hono/jsx";

import type { Shell } from "../layout.tsx";
import { EmptyState } from "./empty-state.tsx";
import type { FormErrors } from "./form.tsx";
import { Time } from "./time.tsx";
import { UploadForm } from "./upload-form.tsx";

export interface DocumentRow {
  id: string;
  name: string;
  workspaceName: string;
  updatedAt: Date;
}

export interface DocumentListProps {
  shell: Shell;
  rows: DocumentRow[];
  upload: { text: string; workspaceId?: string | undefined; errors?: FormErrors };
}

interface Kind {
  noun: "collection" | "environment";
  /** What the form takes. */
  hint: string;
  /** What to do while there are none. */
  children: Child;
}

/** Documents that people upload: those that are there beside the form for another. */
export function DocumentList({ shell, rows, upload, noun, hint, children }: DocumentListProps & Kind) {
  return (
    <div class="columns">
      <div>
        {rows.length === 0 ? (
          <EmptyState title={`No ${noun}s yet`}>{children}</EmptyState>
        ) : (
          <table class="list">
            <thead>
              <tr>
                <th scope="col">{noun === "collection" ? "Collection" : "Environment"}</th>
                <th scope="col">Workspace</th>
                <th scope="col">Updated</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr>
                  <td class="name">
                    <a href={`/${noun}s/${row.id}`}>{row.name}</a>
                  </td>
                  <td data-label="Workspace">{row.workspaceName}</td>
                  <td data-label="Updated">
                    <Time at={row.updatedAt} now={shell.now} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      <UploadForm shell={shell} action={`/${noun}s`} noun={noun} hint={hint} takesAddress {...upload} />
    </div>
  );
}
