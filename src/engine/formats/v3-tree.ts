/** A folder of files by name; texts are read already. */
export interface Folder {
  name: string;
  files: Map<string, string>;
  folders: Map<string, Folder>;
}

const MAX_DEPTH = 200;

/** Paths are relative, with forward slashes. */
export function toTree(files: ReadonlyMap<string, string>, name: string): Folder {
  const root = createFolder(name);
  for (const [path, text] of files) {
    const names = path.split("/").filter((part) => part !== "" && part !== ".");
    const file = names.pop();
    if (file === undefined || names.length > MAX_DEPTH) continue;
    enter(root, names).files.set(file, text);
  }
  return root;
}

const createFolder = (name: string): Folder => ({ name, files: new Map(), folders: new Map() });

function enter(root: Folder, names: string[]): Folder {
  let folder = root;
  for (const name of names) {
    const next = folder.folders.get(name) ?? createFolder(name);
    folder.folders.set(name, next);
    folder = next;
  }
  return folder;
}

export const definitionOf = ({ folders }: Folder): string | undefined => {
  const files = folders.get(".resources")?.files;
  return files?.get("definition.yaml") ?? files?.get("definition.yml");
};

const requestFile = /\.request\.ya?ml$/i;

export const isRequestFile = (name: string): boolean => requestFile.test(name);

export const requestNameOf = (file: string): string => file.replace(requestFile, "");

/** The outermost folders that are collections: they have a definition, or requests. */
export function findCollections(folder: Folder): Folder[] {
  if (definitionOf(folder) !== undefined || [...folder.files.keys()].some(isRequestFile)) return [folder];
  return [...folder.folders.values()].flatMap(findCollections);
}

/** Files of environments and of globals, wherever they lie outside of collections. */
export function findVariableFiles(folder: Folder): { name: string; text: string; isGlobals: boolean }[] {
  if (definitionOf(folder) !== undefined) return [];
  const own = [...folder.files].flatMap(([file, text]) => {
    const [, name = "", kind = ""] = /^(.*?)(?:\.(environment|globals))?\.ya?ml$/i.exec(file) ?? [];
    const isGlobals = kind === "globals" || folder.name === "globals";
    const isEnvironment = kind === "environment" || folder.name === "environments";
    return name !== "" && (isGlobals || isEnvironment) ? [{ name, text, isGlobals }] : [];
  });
  return [...own, ...[...folder.folders.values()].flatMap(findVariableFiles)];
}
