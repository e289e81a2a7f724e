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
  /** Server and key, for the program. */
  env: Record<string, string>;
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
    env,
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

/** What the files of `alertFiles` refer to. */
export const alertVariables = {
  CHAT_URL: "https://chat.example.test/hooks/t0ken",
  PROGRAM_URL: "https://hooks.example.test/t0ken",
  PROGRAM_SECRET: "s1gn",
  ON_CALL_KEY: "r0uting",
};

/** A workspace with two monitors, and everything about who is told; its status page has its name in small letters. */
export const alertFiles = (name: string): Record<string, string> => ({
  "workspace.yaml": `name: ${name}\ntype: team\n`,
  "collections/Shop/.resources/definition.yaml": "$kind: collection\nname: Shop\n",
  "monitors/Checkout.yaml":
    "name: Checkout\ncollection: Shop\nfolder: shop/eu\ntags: [shop]\nactive: false\noptions: { keepDays: 7, keepResponses: none }\n",
  "monitors/Nightly.yaml": "name: Nightly\ncollection: Shop\nactive: false\n",
  "alert-channels/Chat.yaml": 'name: Chat\nconfig: { kind: slack, url: "${CHAT_URL}" }\n',
  "alert-channels/Mail.yaml":
    "name: Mail\nconfig: { kind: email, recipients: [ops@example.test, boss@example.test] }\n",
  "alert-channels/Program.yaml":
    'name: Program\nconfig: { kind: webhook, url: "${PROGRAM_URL}", secret: "${PROGRAM_SECRET}", headers: { X-Team: shop } }\n',
  "alert-rules/All.yaml": "channels: [On call]\ninARow: 2\nonRunner: true\nreminderMinutes: 60\n",
  "alert-rules/Slow.yaml":
    "name: Slow\nmonitor: Nightly\nchannels: [Mail, Chat]\nlatencyMs: 800\nonMissed: false\n",
  "maintenance-windows/Deployments.yaml":
    'name: Deployments\nmonitors: [Nightly, Checkout]\nbehaviour: silence\nrecurring: { cron: "0 3 * * 0", timezone: Europe/Berlin, durationMinutes: 90 }\n',
  "maintenance-windows/New database.yaml":
    "name: New database\nreason: Version 19.\ntag: shop\nonce: { from: 2099-05-01T20:00:00Z, to: 2099-05-01T22:00:00Z }\n",
  "alert-summaries/Mail.yaml": "channel: Mail\nperiod: weekly\nhour: 8\ntimezone: Europe/Berlin\n",
  [`status-pages/${name.toLowerCase()}.yaml`]: `slug: ${name.toLowerCase()}\ntitle: How ${name} is\nvisibility: public\ntimezone: Europe/Berlin\nincidentAfterMinutes: 10\nmonitors:\n  - { monitor: Nightly, name: Nights, group: Inside }\n  - { monitor: Checkout, name: Buying }\n`,
  "team-alert-channels/On call.yaml":
    'name: On call\nconfig: { kind: pagerduty, routingKey: "${ON_CALL_KEY}" }\n',
});
