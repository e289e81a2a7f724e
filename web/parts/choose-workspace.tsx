import { withQuery } from "../format.ts";
import type { Shell } from "../layout.tsx";
import { EmptyState } from "./empty-state.tsx";

/** Where something new goes, when the page cannot know: one link for each workspace that the person may change. */
export function ChooseWorkspace({ shell, path }: { shell: Shell; path: string }) {
  const editable = shell.workspaces.filter((workspace) => workspace.isReadOnly !== true);
  if (editable.length === 0) {
    return (
      <EmptyState title="There is no workspace that you may change">
        You see what is in your workspaces, and need the role editor in one of them. Ask an admin for it.
      </EmptyState>
    );
  }
  return (
    <section class="panel" aria-labelledby="where-heading">
      <h2 id="where-heading">In which workspace?</h2>
      <ul class="links plain">
        {editable.map((workspace) => (
          <li>
            <a href={withQuery(path, { workspace: workspace.id })}>{workspace.name}</a>
          </li>
        ))}
      </ul>
    </section>
  );
}
