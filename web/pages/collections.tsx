import { Layout, page } from "../layout.tsx";
import { DocumentList, type DocumentListProps } from "../parts/document-list.tsx";

export const collectionsPage = (props: DocumentListProps) =>
  page(
    <Layout title="Collections" shell={props.shell} section="collections">
      <div class="head">
        <h1>Collections</h1>
      </div>
      <DocumentList
        {...props}
        noun="collection"
        hint="A Postman collection of any version, a data dump or zip file with some, or OpenAPI as JSON or YAML."
      >
        Export a collection from Postman (v2.1) and upload the file here: it is kept exactly as it is. Other
        formats, and OpenAPI documents, become collections v2.1.
      </DocumentList>
    </Layout>,
  );
