import { freeFileName, toYaml, writeV3, writeV3Variables } from "../../engine/formats/v3-write.ts";
import { convertV20, isV20 } from "../../engine/formats/v20.ts";
import type { CollectionDocument } from "../../engine/types.ts";
import { alertFolders } from "./content-alerts.ts";
import type { WorkspaceContent } from "./content.ts";
import { labelOfRule, labelOfSummary } from "./names.ts";

/** `v2.1`: collections and environments as JSON, nothing lost. `v3`: a file for each request, to be read in a diff. */
export type CollectionFormat = "v2.1" | "v3";

/** The files of a workspace by relative path; docs/apply.md has the layout. */
export function writeWorkspace(
  content: WorkspaceContent,
  format: CollectionFormat,
): { files: Map<string, string>; warnings: string[] } {
  const files = new Map<string, string>();
  const warnings: string[] = [];
  files.set("workspace.yaml", toYaml({ $kind: "workspace", ...content.workspace }));
  const named = { collections: new Set<string>(), environments: new Set<string>() };
  for (const { name, document } of content.collections) {
    const file = freeFileName(name, named.collections);
    if (format === "v2.1") files.set(`collections/${file}.json`, json(document));
    else {
      const written = writeV3(asV21(document));
      for (const [path, text] of written.files) files.set(`collections/${file}/${path}`, text);
      warnings.push(...written.warnings);
    }
  }
  for (const { name, id, values } of content.environments) {
    const file = freeFileName(name, named.environments);
    if (format === "v2.1")
      files.set(
        `environments/${file}.json`,
        json({ ...(id && { id }), name, values, _postman_variable_scope: "environment" }),
      );
    else files.set(`environments/${file}.environment.yaml`, writeV3Variables("environment", name, values));
  }
  if (content.globals && content.globals.length > 0) files.set(...globalsFile(content.globals, format));
  writeEach(content.monitors, "monitors", "monitor", files);
  writeEach(content.mocks, "mocks", "mock", files);
  writeSpecs(content.specs, files);
  writeAlerts(content, files);
  return { files, warnings };
}

const asV21 = (document: CollectionDocument): CollectionDocument =>
  isV20(document) ? convertV20(document) : document;

const globalsFile = (values: Record<string, unknown>[], format: CollectionFormat): [string, string] =>
  format === "v2.1"
    ? ["globals/globals.json", json({ name: "Globals", values, _postman_variable_scope: "globals" })]
    : ["globals/workspace.globals.yaml", writeV3Variables("globals", "Globals", values)];

function writeEach(
  elements: { name: string }[],
  folder: string,
  kind: string,
  files: Map<string, string>,
): void {
  const labelled = elements.map((element) => [element.name, element] as const);
  writeLabelled(labelled, folder, kind, files);
}

/** A file for each element under its label. */
function writeLabelled(
  elements: (readonly [string, object])[],
  folder: string,
  kind: string,
  files: Map<string, string>,
): void {
  const taken = new Set<string>();
  for (const [label, element] of elements)
    files.set(`${folder}/${freeFileName(label, taken)}.yaml`, toYaml({ $kind: kind, ...element }));
}

function writeAlerts(
  { channels, rules, windows, summaries, statusPages }: WorkspaceContent,
  files: Map<string, string>,
): void {
  const labelledRules = rules.map((one) => [labelOfRule(one.monitor, one.name ?? ""), one] as const);
  const labelledSummaries = summaries.map((one) => [labelOfSummary(one.channel, one.period), one] as const);
  const labelledPages = statusPages.map((one) => [one.slug, one] as const);
  writeEach(channels, alertFolders.channels, "alert-channel", files);
  writeLabelled(labelledRules, alertFolders.rules, "alert-rule", files);
  writeEach(windows, alertFolders.windows, "maintenance-window", files);
  writeLabelled(labelledSummaries, alertFolders.summaries, "alert-summary", files);
  writeLabelled(labelledPages, alertFolders.statusPages, "status-page", files);
}

function writeSpecs(specs: WorkspaceContent["specs"], files: Map<string, string>): void {
  const taken = new Set<string>();
  for (const { files: contents, ...spec } of specs) {
    const folder = `specs/${freeFileName(spec.name, taken)}`;
    files.set(`${folder}/spec.yaml`, toYaml({ $kind: "spec", ...spec }));
    // Below a folder of their own: one of them may be called spec.yaml.
    for (const [path, text] of Object.entries(contents)) files.set(`${folder}/files/${path}`, text);
  }
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
