import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const newmanPath = fileURLToPath(new URL("../../../node_modules/newman", import.meta.url));

export interface Complaint {
  position: number;
  level: string;
  message: string;
}

const script = `
  const newman = require(process.argv[2]);
  newman.run({ collection: require(process.argv[3]), reporters: [] }, (error) => {
    if (error) throw error;
  }).on("console", (error, { cursor, level, messages }) =>
    process.stdout.write(JSON.stringify({ position: cursor.position, level, message: messages[0] }) + "\\n"));
`;

/** Runs a collection in newman; gives what went to the console. */
export async function runNewman(document: object): Promise<Complaint[]> {
  const folder = await mkdtemp(join(tmpdir(), "auth-"));
  const file = join(folder, "collection.json");
  await Bun.write(file, JSON.stringify(document));
  const newman = Bun.spawn(["node", "-e", script, "-", newmanPath, file], { stderr: "inherit" });
  const printed = await newman.stdout.text();
  await rm(folder, { recursive: true });
  if ((await newman.exited) !== 0) throw new Error("newman failed");
  return printed.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Complaint]));
}
