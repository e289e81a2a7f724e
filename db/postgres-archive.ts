import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

interface PackedFile {
  /** Relative, with slashes. */
  path: string;
  mode: number;
  sizeBytes: number;
  /** Set for a symlink, which has no content. */
  linkTo?: string;
}

/** Bytes of the length of the list of files, which comes first; then the list as JSON, then every content. */
const LENGTH_BYTES = 4;

/** One block of bytes that holds the files of `folder` that a server needs; the same files give the same bytes. */
export function packPrograms(folder: string): Uint8Array {
  const contents: Buffer[] = [];
  const files = listNeeded(folder).map((path): PackedFile => {
    const linkTo = linkTarget(join(folder, path));
    if (linkTo !== undefined) return { path, mode: 0, sizeBytes: 0, linkTo };
    const content = readFileSync(join(folder, path));
    contents.push(content);
    const isProgram = (statSync(join(folder, path)).mode & 0o111) !== 0;
    return { path, mode: isProgram ? 0o755 : 0o644, sizeBytes: content.byteLength };
  });
  const list = Buffer.from(JSON.stringify(files));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(list.byteLength);
  return Buffer.concat([length, list, ...contents]);
}

/** Writes what `packPrograms` packed into `folder`, readable for everybody: another user may run it. */
export function unpackPrograms(packed: Uint8Array, folder: string): void {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const contentsAt = LENGTH_BYTES + bytes.readUInt32BE(0);
  // Written by `packPrograms` of the same build.
  const files = JSON.parse(bytes.toString("utf8", LENGTH_BYTES, contentsAt)) as PackedFile[];
  const folders = new Set(files.map(({ path }) => dirname(join(folder, path))));
  for (const name of [folder, ...folders]) makeReadable(name);
  let offset = contentsAt;
  for (const { path, mode, sizeBytes, linkTo } of files) {
    const target = join(folder, path);
    if (linkTo !== undefined) symlinkSync(linkTo, target);
    else writeFileSync(target, bytes.subarray(offset, offset + sizeBytes), { mode });
    offset += sizeBytes;
  }
}

function makeReadable(folder: string): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
}

const listNeeded = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll("\\", "/"),
    )
    .filter(isNeeded)
    .toSorted();

/** Loadable modules that a UTF-8 database with plpgsql uses. */
const modules = ["plpgsql", "dict_snowball"];

const needed: readonly RegExp[] = [
  /^bin\/(postgres|initdb)(\.exe)?$/,
  /^bin\/.*\.dll$/,
  // Shared libraries of the programs, without those of clients that are not here.
  /^lib\/(?!libecpg|libpgtypes|libossp|libxslt)[^/]*\.(so|dylib)[^/]*$/,
  new RegExp(`^lib/(postgresql/)?(${modules.join("|")})\\.(so|dylib|dll)$`),
  /^share\/(postgresql\/)?[^/]*\.(sql|bki|sample|txt)$/,
  /^share\/(postgresql\/)?(timezone|timezonesets|tsearch_data)\//,
  /^share\/(postgresql\/)?extension\/plpgsql/,
];

const isNeeded = (path: string): boolean => needed.some((pattern) => pattern.test(path));

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    // Not a link.
    return undefined;
  }
}
