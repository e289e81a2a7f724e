/** Links to the pages before and after. */
export function Pager({ previous, next }: { previous?: string | undefined; next?: string | undefined }) {
  if (previous === undefined && next === undefined) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {previous ? <a href={previous}>← Previous</a> : <span />}
      {next && <a href={next}>Next →</a>}
    </nav>
  );
}
