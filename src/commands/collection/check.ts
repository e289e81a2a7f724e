import type { Command } from "commander";

import { checkCollection } from "../../engine/formats/compatibility.ts";
import { readDocuments } from "../client/documents.ts";
import type { CommandContext } from "../context.ts";
import { describeFindings } from "../import/report.ts";

/** Exit 1 when a collection holds something that cannot be run here. */
export function defineCheck(parent: Command, { print }: CommandContext): void {
  parent
    .command("check")
    .argument("<files...>", "collections of any format, folders of format v3")
    .description(
      "say what in a collection will not behave here as it does in Postman; exit 0 = all can be run",
    )
    .option("--json", "print JSON for programs")
    .action(async (files: string[], options: { json?: true }) => {
      const reports = await Promise.all(files.map(checkFile));
      if (options.json) print(JSON.stringify({ files: reports }));
      else for (const report of reports) for (const line of describeReport(report)) print(line);
      if (reports.some(({ collections }) => collections.some(hasUnsupported))) process.exitCode = 1;
    });
}

async function checkFile(file: string) {
  const { documents, warnings } = await readDocuments(file);
  const collections = documents.flatMap((document) =>
    document.kind === "collection"
      ? [{ name: document.name, findings: checkCollection(document.content) }]
      : [],
  );
  return { file, warnings, collections };
}

type FileReport = Awaited<ReturnType<typeof checkFile>>;

const hasUnsupported = ({ findings }: FileReport["collections"][number]): boolean =>
  findings.some(({ level }) => level === "unsupported");

function describeReport({ file, warnings, collections }: FileReport): string[] {
  return [
    ...warnings.map((warning) => `${file}: ${warning}`),
    ...collections.flatMap(({ name, findings }) =>
      findings.length === 0
        ? [`${file}: "${name}" behaves here as it does in Postman.`]
        : [`${file}: "${name}"`, ...describeFindings(findings).map((line) => `  ${line}`)],
    ),
  ];
}
