import type { Child } from "hono/jsx";

interface EmptyStateProps {
  title: string;
  /** What to do next, in one or two sentences. */
  children: Child;
  action?: { href: string; label: string } | undefined;
}

/** A place without rows: says what would stand here and how to get it. */
export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      <p>{children}</p>
      {action && (
        <p>
          <a class="button primary" href={action.href}>
            {action.label}
          </a>
        </p>
      )}
    </div>
  );
}
