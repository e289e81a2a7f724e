import { beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parseAllDocuments } from "yaml";

import { appCommand, runApp, temporaryFolder } from "../support/processes.ts";

const deploy = join(import.meta.dir, "../../docs/deploy");
const read = (name: string) => readFileSync(join(deploy, name), "utf8");

/** Options and variables that a command knows, as its help lists them. */
async function helpOf(...command: string[]): Promise<string> {
  return (await runApp(["help", ...command])).output;
}

let runnerHelp = "";
let serveHelp = "";
beforeAll(async () => {
  runnerHelp = (await runApp(["runner", "start", "--help"])).output;
  serveHelp = await helpOf("serve");
});

const optionsIn = (text: string): string[] => text.match(/(?<=\s)--[a-z][\w-]*/g) ?? [];
/** As a whole word: `--allow` is not known because `--allow-older` is. */
const knows = (help: string, name: string) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(help);

describe.each([
  ["sallyport.service", () => serveHelp],
  ["sallyport-runner.service", () => runnerHelp],
])("%s", (name, help) => {
  const unit = read(name);
  const start = /^ExecStart=(.*)$/m.exec(unit)?.[1] ?? "";

  test("starts the program with options that it knows", () => {
    expect(optionsIn(start).length).toBeGreaterThan(0);
    expect(optionsIn(start).filter((option) => !knows(help(), option))).toEqual([]);
  });

  test.each([
    "User=",
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "CapabilityBoundingSet=",
    "RestrictAddressFamilies=",
    "SystemCallArchitectures=native",
    "UMask=0077",
  ])("is hardened with %s", (line) => {
    expect(unit.split("\n").some((own) => own.startsWith(line))).toBe(true);
  });

  test.skipIf(!Bun.which("systemd-analyze"))("is a unit that systemd takes (needs systemd-analyze)", () => {
    const file = join(temporaryFolder(), name);
    const [program = ""] = appCommand();
    // What is named must exist for the check; the rest of the unit is as it is shipped.
    writeFileSync(file, unit.replace("/usr/local/bin/app", program).replace(/^User=.*\n/m, ""));

    const { exitCode, stdout, stderr } = Bun.spawnSync(["systemd-analyze", "verify", file]);

    expect(`${stdout.toString()}${stderr.toString()}`).not.toContain(name);
    expect(exitCode).toBe(0);
  });
});

interface Container {
  args: string[];
  env: { name: string }[];
  ports: { name: string; containerPort: number }[];
  livenessProbe: { httpGet: { path: string; port: string } };
  readinessProbe: { httpGet: { path: string; port: string } };
  securityContext: Record<string, unknown>;
  volumeMounts: { name: string; mountPath: string }[];
}

interface Deployment {
  spec: {
    template: {
      spec: {
        securityContext: Record<string, unknown>;
        containers: Container[];
        volumes: { name: string }[];
      };
    };
  };
}

describe("kubernetes.yaml", () => {
  // The file is ours; the tests below fail where it is something else.
  const documents = parseAllDocuments(read("kubernetes.yaml")).map(
    (document) => document.toJS() as Deployment,
  );
  const pod = documents[0]?.spec.template.spec;
  const container = pod?.containers[0];

  test("runs as an unprivileged user who can write nothing but its volumes", () => {
    expect(pod?.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(container?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(container?.volumeMounts.map(({ name }) => name)).toEqual(
      pod?.volumes.map(({ name }) => name) ?? [],
    );
  });

  test("gives options and variables that the program knows", () => {
    const variables = container?.env.map(({ name }) => name) ?? [];

    expect(variables.length).toBeGreaterThan(0);
    expect(variables.filter((name) => !knows(runnerHelp, name))).toEqual([]);
    expect(optionsIn(` ${container?.args.join(" ")}`).filter((option) => !knows(runnerHelp, option))).toEqual(
      [],
    );
  });

  test("asks for the health that a runner serves", () => {
    const port = container?.ports.find(({ name }) => name === container.livenessProbe.httpGet.port);

    expect(port?.containerPort).toBe(9090);
    expect(container?.livenessProbe.httpGet.path).toBe("/health/live");
    expect(container?.readinessProbe.httpGet.path).toBe("/health/ready");
    expect(knows(runnerHelp, "/health/live")).toBe(true);
    expect(knows(runnerHelp, "/health/ready")).toBe(true);
  });
});

describe("the image", () => {
  const lines = readFileSync(join(import.meta.dir, "../../Dockerfile"), "utf8").split("\n");

  test("does not run as root, and its only writable place is a volume", () => {
    const user = lines.findLastIndex((line) => line.startsWith("USER "));

    expect(lines[user]).not.toBe("USER root");
    expect(lines.slice(user).some((line) => line.startsWith("RUN "))).toBe(false);
    expect(lines).toContain("VOLUME /var/lib/sallyport");
  });
});
