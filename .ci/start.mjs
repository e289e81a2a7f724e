// `npm start`: installs, builds, and runs the demo of dist/app until Ctrl+C.
import { spawn } from "node:child_process";
import { constants } from "node:os";

import { appPath, ensureApp } from "./app.mjs";
import { giveUp, root, setUp } from "./setup.mjs";

ensureApp(setUp());

const app = spawn(appPath, ["demo", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
  // The demo stops by itself when this process is gone, however it went.
  env: { ...process.env, APP_PARENT_PID: String(process.pid) },
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => app.kill(signal));
// npm's shell ends with npm and passes nothing on: without this, `kill` of npm would leave all of it running.
const parent = process.ppid;
const watch = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(watch);
  app.kill("SIGTERM");
}, 500).unref();
app.on("error", (error) =>
  giveUp(`dist/app cannot be started: ${error.message}; delete dist and start again.`),
);
app.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
