import { Layout, page, type Shell } from "../layout.tsx";
import { DocumentList, type DocumentListProps } from "../parts/document-list.tsx";

export const environmentsPage = (props: DocumentListProps) =>
  page(
    <Layout title="Environments" shell={props.shell} section="environments">
      <div class="head">
        <h1>Environments</h1>
      </div>
      <GlobalsLinks shell={props.shell} />
      <DocumentList
        {...props}
        noun="environment"
        hint="An environment, globals, or a data dump or zip file of Postman with some."
      >
        An environment holds the variables of one place: addresses, credentials. Export one from Postman and
        upload the file here. Values of type “secret” are encrypted and never shown again.
      </DocumentList>
    </Layout>,
  );

/** Every workspace has globals, even if they are empty. */
function GlobalsLinks({ shell }: { shell: Shell }) {
  const shown = shell.workspaces.filter(
    ({ id }) => shell.workspaceId === undefined || id === shell.workspaceId,
  );
  if (shown.length === 0) return null;
  return (
    <p class="summary">
      <span>Globals, which every run of a workspace sees:</span>
      {shown.map(({ id, name }) => (
        <a href={`/globals/${id}`}>{name}</a>
      ))}
    </p>
  );
}
