import type { InheritedAuth } from "../../../web/parts/auth-fields.tsx";
import { itemHref } from "../../../web/parts/collection-tree.tsx";
import { isRecord } from "../../lib/parse.ts";
import type { CollectionDocument } from "../collection.ts";
import { type Element, idOf } from "../elements.ts";
import { nameOf } from "../items.ts";

/** An authorization and the element that has it. */
interface Around extends InheritedAuth {
  element: Element | undefined;
}

/**
 * The nearest authorization around an item, as a run looks for it: from the innermost folder out to the collection.
 * `auth` without a type is none; `noauth` is one.
 */
export function inheritedAuth(
  collection: { id: string; document: CollectionDocument },
  ancestors: readonly { id: string }[],
): Around {
  const { id, document } = collection;
  const here = `/collections/${id}`;
  const around: Around[] = [
    { ...typeOf(document), from: "the collection", href: here, element: document },
    ...foldersOf(document, ancestors).map((folder) => ({
      ...typeOf(folder),
      from: `the folder ${nameOf(folder)}`,
      href: itemHref(id, idOf(folder)),
      element: folder,
    })),
  ];
  return around.findLast(({ type }) => type !== "") ?? { type: "", from: "", href: here, element: undefined };
}

const typeOf = ({ auth }: Element): { type: string } => ({
  type: isRecord(auth) && typeof auth["type"] === "string" ? auth["type"] : "",
});

/** The folders themselves, outermost first. */
function foldersOf(document: CollectionDocument, ancestors: readonly { id: string }[]): Element[] {
  const folders: Element[] = [];
  let holder: Element = document;
  for (const { id } of ancestors) {
    const items: unknown = holder["item"];
    const next = Array.isArray(items)
      ? items.filter(isRecord).find((item) => idOf(item) === id && item["item"] !== undefined)
      : undefined;
    if (!next) break;
    folders.push(next);
    holder = next;
  }
  return folders;
}
