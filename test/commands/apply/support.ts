import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { runProgram } from "../../support/program.ts";
import { servedApi, type ServedApi } from "../../support/served-api.ts";

const petsYaml = `openapi: 3.0.3
info: { title: Pets, version: 1.0.0 }
paths:
  /pets:
    get: { summary: List, responses: { "200": { description: ok } } }
`;

export interface Files {
  api: ServedApi;
  folder: string;
  app: (...args: string[]) => ReturnType<typeof runProgram>;
  /** Writes files below a folder of the test, and gives its path. */
  write: (name: string, files: Record<string, string>) => Promise<string>;
  stop: () => Promise<void>;
}

/** A control plane, and the program with a login to it. */
export async function startFiles(): Promise<Files> {
  const api = await servedApi();
  const folder = await mkdtemp(join(tmpdir(), "apply-test-"));
  const env = { APP_SERVER: api.url, APP_API_KEY: api.key, XDG_CONFIG_HOME: folder };
  return {
    api,
    folder,
    app: (...args) => runProgram(args, env),
    write: async (name, files) => {
      const root = join(folder, name);
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), text);
      }
      return root;
    },
    stop: async () => {
      await Promise.all([api.stop(), rm(folder, { recursive: true, force: true })]);
    },
  };
}

/** A workspace with one of everything, as files. */
export const shopFiles = (name: string, runner: string): Record<string, string> => ({
  "workspace.yaml": `name: ${name}\ntype: team\nabout: What is sold.\n`,
  "collections/Shop/.resources/definition.yaml": `$kind: collection\nname: Shop\nvariables:\n  - key: page\n    value: "1"\n`,
  "collections/Shop/List.request.yaml": `$kind: http-request\nname: List\nmethod: GET\nurl: "{{base}}/goods?page={{page}}"\nqueryParams:\n  - key: page\n    value: "{{page}}"\norder: 0\n`,
  "collections/Shop/Buy.request.yaml": `$kind: http-request\nname: Buy\nmethod: POST\nurl: "{{base}}/orders"\nbody:\n  type: json\n  content: '{"id": 5}'\nscripts:\n  - type: afterResponse\n    code: |-\n      pm.test("bought", () => pm.response.to.have.status(201));\norder: 1\n`,
  "environments/Staging.environment.yaml": `name: Staging\nvalues:\n  - key: base\n    value: https://staging.example.test\n  - key: token\n    value: t0p\n    type: secret\n`,
  "globals/workspace.globals.yaml": `name: Globals\nvalues:\n  - key: region\n    value: eu\n`,
  "monitors/Nightly.yaml": `name: Nightly\ncollection: Shop\nenvironment: Staging\nschedule: { cron: "0 3 * * *", timezone: Europe/Berlin }\nrunners: [${runner}]\noptions: { requestTimeout: 5000 }\nnotifications: { onError: [ops@example.test] }\n`,
  "mocks/Shop mock.yaml": `name: Shop mock\ncollection: Shop\nprivate: true\nconfig: { matchBody: true }\nserverResponses:\n  - { name: Down, statusCode: 503, body: sorry, active: true }\n  - { name: Slow, statusCode: 504 }\n`,
  "specs/pets/spec.yaml": `name: Pets\ntype: OPENAPI:3.0\nroot: index.yaml\n`,
  "specs/pets/files/index.yaml": petsYaml,
  [`runners/${runner}.yaml`]: `name: ${runner}\ndescription: In the cellar.\nworkspaces: [${name}]\n`,
});
