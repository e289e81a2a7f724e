import { plural } from "../format.ts";

interface VariableSearchProps {
  href: string;
  text: string;
  found: number;
  total: number;
}

/** As many as are seen at once need no search. */
const FEW = 8;

/** A search over the names and values of variables. */
export function VariableSearch({ href, text, found, total }: VariableSearchProps) {
  if (total <= FEW && text === "") return null;
  return (
    <form class="search variables" method="get" action={href} role="search">
      <input
        type="search"
        name="q"
        value={text}
        placeholder="Name or value"
        aria-label="Search the variables"
      />
      <button type="submit" class="button">
        Search
      </button>
      {text !== "" && (
        <>
          <span class="dim" role="status">
            {`${found} of ${plural(total, "variable")}`}
          </span>
          <a href={href}>All</a>
        </>
      )}
    </form>
  );
}
