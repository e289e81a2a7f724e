// Builds dist/app whether or not it is there.
import { rmSync } from "node:fs";

import { appPath, ensureApp } from "./app.mjs";
import { setUp } from "./setup.mjs";

rmSync(appPath, { force: true });
ensureApp(setUp());
