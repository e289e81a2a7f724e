import { AppError } from "../lib/errors.ts";
import { isRecord, parseJson } from "../lib/parse.ts";
import type { ConvertedFile, ConvertFile, FetchDocument } from "./context.ts";
import type { SentForm } from "./pages-form.ts";

type Kind = ConvertedFile["documents"][number]["kind"];

/** What the page can take out of a file. */
interface Wanted {
  /** The first names the page. */
  kinds: [Kind, ...Kind[]];
  /** What a document of the page's own format looks like. */
  shape: string;
  /** Whether JSON is one, so that it is stored as it came. */
  isOwn: (document: Record<string, unknown>) => boolean;
  /** Absent = only the own format is read. */
  convert: ConvertFile | undefined;
  /** Absent = documents are not fetched. */
  fetchDocument?: FetchDocument | undefined;
}

/**
 * The uploaded file, else what a URL leads to, else the pasted text: documents of the page's own format as they are, or in the envelope that
 * the API answers with; of every other format what it becomes. 400 that says what is wrong.
 */
export async function readUpload(form: SentForm, wanted: Wanted): Promise<ConvertedFile> {
  const { kinds, shape, isOwn, convert } = wanted;
  const [kind] = kinds;
  const { bytes, name } = await readSent(form, wanted.fetchDocument);
  const text = new TextDecoder().decode(bytes);
  if (text.trim() === "") throw new AppError("bad_request", "Choose a file or paste a document.");
  const own = ownDocument(text, kind, convert !== undefined);
  if (own && (isOwn(own) || !convert)) return { documents: [{ kind, name: "", content: own }], warnings: [] };
  if (!convert) throw new AppError("bad_request", `This is JSON but no ${kind}: ${shape}.`);
  return pick(await convert(bytes, name), kinds);
}

async function readSent(form: SentForm, fetchDocument: FetchDocument | undefined) {
  const file = form.file("file");
  if (file) return { bytes: await file.bytes(), name: file.name };
  const url = form.text("url");
  if (url === "" || !fetchDocument) {
    return { bytes: new TextEncoder().encode(form.raw("text")), name: "document" };
  }
  try {
    return await fetchDocument(url);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError("bad_request", error.message, { details: { param: "url" } });
  }
}

/** Undefined when it is not JSON, or no object, and there may be another way to read it. */
function ownDocument(text: string, kind: Kind, isLenient: boolean): Record<string, unknown> | undefined {
  try {
    const document = parseJson(text.replace(/^\uFEFF/, ""));
    if (!isRecord(document)) return undefined;
    const inner = document[kind];
    return isRecord(inner) ? inner : document;
  } catch (error) {
    if (isLenient && error instanceof AppError) return undefined;
    throw error;
  }
}

/** A file may hold documents of several kinds; each page takes its own and tells of the others. */
function pick({ documents, warnings }: ConvertedFile, kinds: Kind[]): ConvertedFile {
  const taken = documents.filter(({ kind }) => kinds.includes(kind));
  const others = documents.filter(({ kind }) => !kinds.includes(kind));
  const left = others.map(({ kind, name }) => (kind === "globals" ? kind : `the ${kind} “${name}”`));
  const where = kinds.includes("collection") ? "Environments" : "Collections";
  if (taken.length === 0)
    throw new AppError(
      "bad_request",
      `There is no ${kinds[0]} in this file: ${left.join(", ")} can be uploaded under ${where}.`,
    );
  const hint = `Not taken from this file: ${left.join(", ")}. Upload it under ${where}, too.`;
  return { documents: taken, warnings: left.length === 0 ? warnings : [...warnings, hint] };
}
