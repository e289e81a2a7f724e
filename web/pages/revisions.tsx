import { plural, withQuery } from "../format.ts";
import { Layout, page, type Section, type Shell } from "../layout.tsx";
import { Diff, type DiffElementProps } from "../parts/diff.tsx";
import { ActionButton } from "../parts/form.tsx";
import { Pager } from "../parts/pager.tsx";
import type { RevisionRow } from "../parts/revision-head.tsx";
import { RevisionLine, throughWords } from "../parts/revision-head.tsx";
import { Time } from "../parts/time.tsx";

/** The document that has revisions. */
export interface RevisedDocument {
  /** Page of the document; revisions stand below it. */
  href: string;
  name: string;
  section: Section;
  /** Word for the list of its kind, and where that is. */
  list: { href: string; label: string };
}

interface RevisionsProps {
  shell: Shell;
  document: RevisedDocument;
  revisions: RevisionRow[];
  total: number;
  next?: string | undefined;
}

export const revisionsPage = ({ shell, document, revisions, total, next }: RevisionsProps) =>
  page(
    <Layout title={`Revisions of ${document.name}`} shell={shell} section={document.section}>
      <Head document={document} title="Revisions" />
      <p class="summary">
        <span class="dim">{`${plural(total, "revision")} kept, newest first. Each change makes one, whoever makes it and however.`}</span>
      </p>
      <table class="list revisions">
        <thead>
          <tr>
            <th scope="col">Revision</th>
            <th scope="col">Changed</th>
            <th scope="col">Who</th>
            <th scope="col">How</th>
            <th scope="col">Note</th>
          </tr>
        </thead>
        <tbody>
          {revisions.map((row) => (
            <tr>
              <td class="name">
                <a href={`${document.href}/revisions/${row.revision}`}>{`Revision ${row.revision}`}</a>
                {row.isCurrent && <span class="dim"> current</span>}
              </td>
              <td data-label="Changed">
                <Time at={row.changedAt} now={shell.now} />
              </td>
              <td data-label="Who">{row.changedBy?.name ?? <span class="dim">not known</span>}</td>
              <td data-label="How">{throughWords(row.through)}</td>
              <td class="long">{row.message ?? ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Pager next={next} />
    </Layout>,
  );

interface RevisionProps {
  shell: Shell;
  document: RevisedDocument;
  revision: RevisionRow;
  /** The revision that it is compared with; undefined for the first that is kept. */
  against: number | undefined;
  currentRevision: number;
  /** Of the others that it can be compared with. */
  others: number[];
  elements: DiffElementProps[];
  /** Elements that are not shown because there are too many. */
  left: number;
  isReadOnly?: boolean;
}

/** One revision: who made it, what it changed, and the way back to it. */
export const revisionPage = (props: RevisionProps) => {
  const { shell, document, revision, against, elements, left, isReadOnly } = props;
  return page(
    <Layout
      title={`Revision ${revision.revision} of ${document.name}`}
      shell={shell}
      section={document.section}
    >
      <Head document={document} title={`Revision ${revision.revision}`} isOfList>
        {!revision.isCurrent && !isReadOnly && (
          <ActionButton
            action={`${document.href}/revisions/${revision.revision}/restore`}
            csrfToken={shell.csrfToken}
            label={`Restore revision ${revision.revision}`}
            class="primary"
          />
        )}
      </Head>
      <RevisionLine revision={revision} now={shell.now} />
      <Compare {...props} />
      {elements.length === 0 ? (
        <p class="dim">
          {against === undefined ? "This is the first revision that is kept." : "The two say the same."}
        </p>
      ) : (
        <Diff elements={elements} />
      )}
      {left > 0 && <p class="notice">{`${plural(left, "more element")} differ and are not shown.`}</p>}
    </Layout>,
  );
};

function Compare({ document, revision, against, currentRevision, others }: RevisionProps) {
  if (others.length === 0) return null;
  const here = `${document.href}/revisions/${revision.revision}`;
  return (
    <form class="filters compare" method="get" action={here}>
      <div class="field">
        <label for="field-against">What differs from</label>
        <select id="field-against" name="against">
          {others.map((number) => (
            <option value={String(number)} selected={number === against}>
              {number === currentRevision ? `revision ${number}, the current one` : `revision ${number}`}
            </option>
          ))}
        </select>
      </div>
      <button type="submit" class="button">
        Compare
      </button>
      {against !== undefined && (
        <p class="hint">
          {"Lines with − are in revision "}
          {against}
          {" only, lines with + in revision "}
          {revision.revision}
          {" only. "}
          <a
            href={withQuery(`${document.href}/revisions/${against}`, { against: String(revision.revision) })}
          >
            The other way round
          </a>
        </p>
      )}
    </form>
  );
}

interface HeadProps {
  document: RevisedDocument;
  title: string;
  isOfList?: boolean;
  children?: unknown;
}

function Head({ document, title, isOfList, children }: HeadProps) {
  return (
    <div class="head">
      <div>
        <p class="crumbs">
          <a href={document.list.href}>{document.list.label}</a> / <a href={document.href}>{document.name}</a>
          {isOfList && (
            <>
              {" / "}
              <a href={`${document.href}/revisions`}>Revisions</a>
            </>
          )}
        </p>
        <h1>{title}</h1>
      </div>
      <div class="actions">{children}</div>
    </div>
  );
}
