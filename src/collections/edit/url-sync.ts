import { rawUrlOf, withQuery, withRaw } from "../v1/url.ts";
import { parseRows, type Row, rowsText } from "./rows.ts";
import { type Texts, unfit } from "./texts.ts";

/**
 * The address and the rows beside it say the same: whichever of both was changed since `base`, the other follows. Rows that
 * are off stay. Throws 400 when both were changed and differ.
 */
export function syncUrl(base: Texts, mine: Texts): Texts {
  const { url, params, pathVariables } = mine;
  if (url === undefined || params === undefined || pathVariables === undefined) return mine;
  const rows = parseRows("params", params);
  const isTyped = queryOf(url) !== queryOf(base["url"] ?? "");
  const isInRows = params !== base["params"];
  const next = { ...mine };
  if (isTyped && !isInRows) next["params"] = rowsText(followQuery(rows, url));
  else if (isInRows && !isTyped) next["url"] = withRows(url, rows);
  else if (isInRows && withRows(url, rows) !== url) throw unfit("params", DIFFERENT);
  const names = namesIn(url);
  if (String(names) !== String(namesIn(base["url"] ?? ""))) {
    next["pathVariables"] = rowsText(followPath(parseRows("pathVariables", pathVariables), names));
  }
  return next;
}

const DIFFERENT =
  "The URL and these rows were both changed and differ; take the query out of the URL, or change only one of them.";

const queryOf = (url: string): string => /\?([^#]*)/.exec(url)?.[1] ?? "";

const isSent = ({ state }: Row): boolean => state === "on";

const withRows = (url: string, rows: readonly Row[]): string =>
  rawUrlOf(
    withQuery(
      rows.filter(isSent).map(({ key, value, isBare }) => ({ key, value: isBare ? null : value })),
      // A parameter that is only a name stays one: the list has it as it is.
      {
        raw: url,
        query: rows.filter((row) => isSent(row) && row.isBare).map(({ key }) => ({ key, value: null })),
      },
    ),
  );

/** The parameters of an address in its order, as the rows that they were; after them what is off. */
function followQuery(rows: readonly Row[], url: string): Row[] {
  const { query } = withRaw(url, undefined);
  const left = rows.filter(isSent);
  const take = (isWanted: (row: Row) => boolean): Row | undefined => {
    const at = left.findIndex(isWanted);
    return at < 0 ? undefined : left.splice(at, 1)[0];
  };
  // `withRaw` makes it.
  const typed = (query ?? []) as { key: string; value: string | null }[];
  const same = typed.map(({ key, value }) =>
    take((row) => row.key === key && row.value === (value ?? "") && Boolean(row.isBare) === (value === null)),
  );
  const sent = typed.map(({ key, value }, index): Row => {
    const { isBare: _, ...old } = same[index] ?? take((row) => row.key === key) ?? { state: "on" as const };
    return { ...old, key, value: value ?? "", ...(value === null && { isBare: true }) };
  });
  const gone = left.filter(({ was }) => was !== undefined).map((row): Row => ({ ...row, state: "remove" }));
  return [...sent, ...rows.filter((row) => !isSent(row)), ...gone];
}

/** Names of the path variables in an address, in its order. */
const namesIn = (url: string): string[] => {
  const { variable } = withRaw(url, undefined);
  // `withRaw` makes it.
  return ((variable ?? []) as { key: string }[]).map(({ key }) => key);
};

function followPath(rows: readonly Row[], names: readonly string[]): Row[] {
  const found = names.map((name): Row => {
    const old = rows.find(({ key }) => key === name);
    return old ? { ...old, state: "on" } : { key: name, value: "", state: "on" };
  });
  const gone = rows.filter(({ key, was }) => was !== undefined && !names.includes(key));
  return [...found, ...gone.map((row): Row => ({ ...row, state: "remove" }))];
}
