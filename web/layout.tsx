import { html } from "hono/html";
import type { Child } from "hono/jsx";

import { assetUrl } from "./embed.ts";
import { withQuery } from "./format.ts";
import { Form } from "./parts/form.tsx";

export type Section =
  | "monitors"
  | "collections"
  | "environments"
  | "specs"
  | "mocks"
  | "webhooks"
  | "alerts"
  | "status"
  | "runners";

/** What every page of a signed-in person is given. */
export interface Shell {
  user: {
    name: string;
    email: string;
    /** May do what only admins do; the server checks it again. */
    isAdmin?: boolean;
  };
  csrfToken: string;
  /** Workspaces that the person sees; the switcher appears from two on. */
  workspaces: {
    id: string;
    name: string;
    /** The person may look at what is in it and change nothing. */
    isReadOnly?: boolean;
  }[];
  /** The chosen one; absent = all. */
  workspaceId?: string | undefined;
  now: Date;
}

interface LayoutProps {
  title: string;
  /** Absent on pages for people who have not signed in. */
  shell?: Shell | undefined;
  section?: Section | undefined;
  /** Loads the chart library. */
  charts?: boolean;
  /** Loads what colours programs and turns their text fields into editors. */
  editor?: boolean;
  children: Child;
}

/** The whole document around a page. */
export function Layout({ title, shell, section, charts, editor, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>{`${title} · Sallyport`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta
          name="htmx-config"
          content='{"noSwap":[204,304,"4xx","5xx"],"history":false,"morphSkipChildren":"[data-chart],[data-keep]","defaultTimeout":15000}'
        />
        <link rel="icon" href={assetUrl("icon.svg")} type="image/svg+xml" />
        <link rel="stylesheet" href={assetUrl("app.css")} />
        {charts && <link rel="stylesheet" href={assetUrl("uplot.css")} />}
        <script src={assetUrl("htmx.js")} defer />
        {charts && <script src={assetUrl("uplot.js")} defer />}
        <script src={assetUrl("app.js")} defer />
        {charts && <script src={assetUrl("chart-paint.js")} defer />}
        {charts && <script src={assetUrl("chart-zoom.js")} defer />}
        {charts && <script src={assetUrl("chart.js")} defer />}
        {editor && <script src={assetUrl("editor.js")} type="module" />}
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to content
        </a>
        {shell && <TopBar shell={shell} section={section} />}
        <main id="main" tabindex={-1} class={shell ? undefined : "narrow"}>
          {children}
        </main>
        <p class="stale" role="status">
          Sallyport does not answer. What you see may be old; this page keeps trying.
        </p>
      </body>
    </html>
  );
}

/** The document as text with its doctype, ready for `c.html()`. */
export const page = (document: Child) => html`<!doctype html>${document}`;

const sections: { section: Section; href: string; label: string }[] = [
  { section: "monitors", href: "/", label: "Monitors" },
  { section: "collections", href: "/collections", label: "Collections" },
  { section: "environments", href: "/environments", label: "Environments" },
  { section: "specs", href: "/specs", label: "Specifications" },
  { section: "mocks", href: "/mocks", label: "Mocks" },
  { section: "webhooks", href: "/webhooks", label: "Webhooks" },
  { section: "alerts", href: "/alerts", label: "Alerts" },
  { section: "runners", href: "/runners", label: "Runners" },
  { section: "status", href: "/status-pages", label: "Status pages" },
];

function TopBar({ shell, section }: { shell: Shell; section?: Section | undefined }) {
  return (
    <header class="top">
      <a class="brand" href="/">
        <img src={assetUrl("icon.svg")} width="22" height="22" alt="" />
        Sallyport
      </a>
      <nav aria-label="Main">
        {sections.map((entry) => (
          <a
            href={withQuery(entry.href, { workspace: shell.workspaceId })}
            aria-current={entry.section === section ? "page" : undefined}
          >
            {entry.label}
          </a>
        ))}
      </nav>
      <div class="account">
        {shell.workspaces.length > 1 && <WorkspaceMenu shell={shell} section={section} />}
        <UserMenu shell={shell} />
      </div>
    </header>
  );
}

function WorkspaceMenu({ shell, section }: { shell: Shell; section?: Section | undefined }) {
  const href = sections.find((entry) => entry.section === section)?.href ?? "/";
  const chosen = shell.workspaces.find((workspace) => workspace.id === shell.workspaceId);
  return (
    <details class="menu">
      <summary>{chosen?.name ?? "All workspaces"}</summary>
      <div>
        <a href={href} aria-current={chosen === undefined ? "true" : undefined}>
          All workspaces
        </a>
        {shell.workspaces.map((workspace) => (
          <a
            href={withQuery(href, { workspace: workspace.id })}
            aria-current={workspace === chosen ? "true" : undefined}
          >
            {workspace.name}
          </a>
        ))}
      </div>
    </details>
  );
}

function UserMenu({ shell }: { shell: Shell }) {
  return (
    <details class="menu">
      <summary>{shell.user.name || shell.user.email}</summary>
      <div>
        <p class="dim">{shell.user.email}</p>
        <a href="/account">Account</a>
        <a href="/workspaces">Workspaces</a>
        <a href="/keys">API keys</a>
        <a href="/connected-apps">Connected programs</a>
        {shell.user.isAdmin && <a href="/users">Users</a>}
        {shell.user.isAdmin && <a href="/audit">Audit trail</a>}
        <a href="/reference">API reference</a>
        <Form action="/sign-out" csrfToken={shell.csrfToken}>
          <button type="submit">Sign out</button>
        </Form>
      </div>
    </details>
  );
}
