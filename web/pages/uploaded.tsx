import { Layout, page, type Section, type Shell } from "../layout.tsx";

export interface UploadedProps {
  shell: Shell;
  section: Section;
  documents: { name: string; href: string }[];
  /** What the file held and could not be kept, one sentence each. */
  warnings: string[];
}

/** What became of a file that was not just one document as it is. */
export const uploadedPage = ({ shell, section, documents, warnings }: UploadedProps) =>
  page(
    <Layout title="Uploaded" shell={shell} section={section}>
      <div class="head">
        <h1>Uploaded</h1>
      </div>
      {warnings.length > 0 && (
        <div class="notice warn" role="status">
          <p>Not everything could be kept:</p>
          <ul class="plain">
            {warnings.map((warning) => (
              <li>{warning}</li>
            ))}
          </ul>
        </div>
      )}
      <ul class="plain">
        {documents.map(({ name, href }) => (
          <li>
            <a href={href}>{name}</a>
          </li>
        ))}
      </ul>
    </Layout>,
  );
