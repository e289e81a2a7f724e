import { Layout, page, type Shell } from "../layout.tsx";

export interface ErrorProps {
  status: number;
  title: string;
  message: string;
  /** To find the log line of an internal error. */
  requestId?: string | undefined;
  shell?: Shell | undefined;
}

/** What went wrong, for a person, and the way back. */
export const errorPage = ({ status, title, message, requestId, shell }: ErrorProps) =>
  page(
    <Layout title={title} shell={shell}>
      <div class="confirm">
        <p class="crumbs">{status}</p>
        <h1>{title}</h1>
        <p>{message}</p>
        {requestId && (
          <p class="dim">
            Request <code>{requestId}</code>
          </p>
        )}
        <p>
          <a class="button" href="/">
            To the monitors
          </a>
        </p>
      </div>
    </Layout>,
  );
