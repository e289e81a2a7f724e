import type { Child } from "hono/jsx";

import { Layout, type Shell } from "../layout.tsx";
import { Tabs } from "./tabs.tsx";

export type StatusPageTab = "monitors" | "incidents" | "settings";

/** Of a status page, as far as those need it who edit it. */
export interface EditedPage {
  id: string;
  slug: string;
  title: string;
  visibility: "public" | "private";
}

interface FrameProps {
  shell: Shell;
  edited: EditedPage;
  tab: StatusPageTab;
  canEdit: boolean;
  title?: string;
  children: Child;
}

/** What stands around each view of a status page that is edited. */
export function StatusPageFrame({ shell, edited, tab, canEdit, title, children }: FrameProps) {
  const path = `/status-pages/${edited.id}`;
  const tabs = [
    { name: "monitors", href: path, label: "Monitors" },
    { name: "incidents", href: `${path}/incidents`, label: "Incidents" },
    ...(canEdit ? [{ name: "settings", href: `${path}/settings`, label: "Settings" }] : []),
  ];
  return (
    <Layout title={title ?? edited.title} shell={shell} section="status">
      <div class="head">
        <div>
          <p class="crumbs">
            <a href="/status-pages">Status pages</a>
          </p>
          <h1>{edited.title}</h1>
        </div>
        <div class="actions">
          <a class="button" href={`/status/${edited.slug}`}>
            Open the page
          </a>
          {canEdit && (
            <a class="button primary" href={`${path}/incidents/new`}>
              Report an incident
            </a>
          )}
        </div>
      </div>
      <Tabs
        label="Parts of the status page"
        tabs={tabs.map(({ name, href, label }) => ({ href, label, current: name === tab }))}
      />
      {children}
    </Layout>
  );
}
