import type { CommandModule } from "./context.ts";

export interface CommandEntry {
  name: string;
  summary: string;
  load: () => Promise<CommandModule>;
}

export const commandEntries: readonly CommandEntry[] = [
  { name: "serve", summary: "start the control plane", load: () => import("./serve.ts") },
  { name: "key", summary: "create, list and revoke API keys", load: () => import("./key.ts") },
  { name: "user", summary: "create and list users, reset a password", load: () => import("./user.ts") },
  { name: "runner", summary: "start a runner, manage runners", load: () => import("./runner.ts") },
  { name: "collection", summary: "run a collection on this machine", load: () => import("./collection.ts") },
  {
    name: "import",
    summary: "put collections, environments or an export into a workspace",
    load: () => import("./import.ts"),
  },
  { name: "export", summary: "write collections or a workspace to files", load: () => import("./export.ts") },
  {
    name: "apply",
    summary: "make workspaces, runners and alert channels as files say",
    load: () => import("./apply.ts"),
  },
  { name: "login", summary: "store an API key for a control plane", load: () => import("./login.ts") },
  { name: "logout", summary: "forget the stored API key", load: () => import("./logout.ts") },
  { name: "monitor", summary: "create, run and watch monitors", load: () => import("./monitor.ts") },
  { name: "mcp", summary: "offer the tools for AI agents over stdio", load: () => import("./mcp.ts") },
  { name: "migrate", summary: "bring the database up to this version", load: () => import("./migrate.ts") },
  { name: "doctor", summary: "check what this machine offers", load: () => import("./doctor.ts") },
  { name: "demo", summary: "try everything on this machine", load: () => import("./demo.ts") },
  { name: "version", summary: "print the version", load: () => import("./version.ts") },
];
