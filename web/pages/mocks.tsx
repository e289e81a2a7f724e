import { Layout, page, type Shell } from "../layout.tsx";
import { ChooseDocuments, type DocumentChoice } from "../parts/choose-documents.tsx";
import { CopyBox } from "../parts/copy-box.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { Form, type FormErrors, FormMessage, TextField } from "../parts/form.tsx";

export interface MockRow {
  id: string;
  name: string;
  workspaceName: string;
  collectionId: string;
  collectionName: string;
  url: string;
  private: boolean;
}

export interface MocksProps {
  shell: Shell;
  rows: MockRow[];
  collections: DocumentChoice[];
  environments: DocumentChoice[];
  values: { name: string; collection: string; environment: string; private: boolean };
  errors?: FormErrors | undefined;
}

export const mocksPage = (props: MocksProps) =>
  page(
    <Layout title="Mocks" shell={props.shell} section="mocks">
      <div class="head">
        <h1>Mocks</h1>
      </div>
      <div class="columns">
        <div>{props.rows.length === 0 ? <NoMocks /> : <MockTable rows={props.rows} />}</div>
        {props.collections.length > 0 && <NewMock {...props} />}
      </div>
    </Layout>,
  );

const NoMocks = () => (
  <EmptyState title="No mocks yet">
    A mock answers calls with the examples that are saved in a collection, so that programs can be written and
    tested before the API is there.
  </EmptyState>
);

function MockTable({ rows }: { rows: MockRow[] }) {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Mock</th>
          <th scope="col">Collection</th>
          <th scope="col">URL</th>
          <th scope="col">Open to</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            <td class="name">
              <a href={`/mocks/${row.id}`}>{row.name}</a>
              <span class="sub">{row.workspaceName}</span>
            </td>
            <td data-label="Collection">
              <a href={`/collections/${row.collectionId}`}>{row.collectionName}</a>
            </td>
            <td data-label="URL">
              <CopyBox id={`url-${row.id}`} text={row.url} label={`URL of ${row.name}`} />
            </td>
            <td data-label="Open to">{row.private ? "who has a key" : "everybody"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function NewMock({ shell, values, errors, ...documents }: MocksProps) {
  return (
    <Form action="/mocks" csrfToken={shell.csrfToken} class="form panel">
      <h2>New mock</h2>
      <FormMessage errors={errors} />
      <ChooseDocuments {...documents} values={values} errors={errors} />
      <TextField
        name="name"
        label="Name"
        value={values.name}
        errors={errors}
        hint="That of the collection when left empty."
      />
      <label class="check">
        <input type="checkbox" name="private" value="on" checked={values.private} /> Private: calls need the
        header <code>x-api-key</code>
      </label>
      <button type="submit" class="button primary">
        Create mock
      </button>
    </Form>
  );
}
