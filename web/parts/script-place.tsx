import type { ScriptLocation } from "../../src/contract/events.ts";
import { describePlace, type ScriptName } from "../../src/contract/script-place.ts";
import { itemHref } from "./collection-tree.tsx";

export interface ScriptPlaceProps {
  location: ScriptLocation;
  script: ScriptName;
  /** Where the script can be read; undefined when there is no such page. */
  href: string | undefined;
}

/** Where in the scripts something went wrong, and what stood there when it ran. */
export function ScriptPlace({ location, script, href }: ScriptPlaceProps) {
  const place = `At ${describePlace(location, script)}`;
  return (
    <div class="script-place">
      <p>{href === undefined ? place : <a href={href}>{place}</a>}</p>
      {location.text !== "" && (
        <pre>
          <span class="line-number">{location.line}</span>
          <code>{location.text}</code>
        </pre>
      )}
    </div>
  );
}

/** The script on the page of what owns it, as that is now; undefined when the document gives it no address. */
export function scriptHref(
  collectionId: string,
  { kind, itemId }: Pick<ScriptLocation, "kind" | "itemId">,
  script: ScriptName,
): string | undefined {
  if (kind === "collection") return `/collections/${collectionId}#${scriptAnchor(script)}`;
  return itemId === undefined ? undefined : `${itemHref(collectionId, itemId)}#${scriptAnchor(script)}`;
}

/** Of a script on the page of what owns it. */
export const scriptAnchor = (event: string): string => `script-${event}`;
