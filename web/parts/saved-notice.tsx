import type { Shell } from "../layout.tsx";
import { ActionButton } from "./form.tsx";

interface SavedNoticeProps {
  /** Page of the document. */
  href: string;
  /** The revision that was just saved and is still the newest; absent = nothing to say. */
  saved: number | undefined;
  shell: Shell;
  isReadOnly?: boolean | undefined;
}

/** Says what was saved, and how to take it back. */
export function SavedNotice({ href, saved, shell, isReadOnly }: SavedNoticeProps) {
  if (saved === undefined) return null;
  const before = saved - 1;
  return (
    <div class="notice saved" role="status">
      <span>
        <span aria-hidden="true">✓ </span>
        <a href={`${href}/revisions/${saved}`}>{`Revision ${saved}`}</a> is saved. The next run uses it.
      </span>
      {!isReadOnly && before > 0 && (
        <ActionButton
          action={`${href}/revisions/${before}/restore`}
          csrfToken={shell.csrfToken}
          label="Undo"
          class="small"
        />
      )}
    </div>
  );
}
