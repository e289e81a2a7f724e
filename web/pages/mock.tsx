import { Layout, page, type Shell } from "../layout.tsx";
import { CopyBox } from "../parts/copy-box.tsx";
import { ActionButton } from "../parts/form.tsx";
import { Pager } from "../parts/pager.tsx";
import { Time } from "../parts/time.tsx";

export interface MockCallRow {
  id: string;
  servedAt: Date;
  method: string;
  path: string;
  statusCode: number;
  /** Of the example, or why there was none. */
  responseName: string;
  isAnswered: boolean;
  requestHeaders: { key: string; value: string }[];
  requestBody: string;
  responseHeaders: { key: string; value: string }[];
  responseBody: string;
}

export interface MockProps {
  shell: Shell;
  mock: {
    id: string;
    name: string;
    url: string;
    workspaceName: string;
    collectionId: string;
    collectionName: string;
    environmentName: string | undefined;
    private: boolean;
    /** Of the error that answers every call. */
    serverResponseName: string | undefined;
  };
  calls: MockCallRow[];
  /** Address of older calls. */
  older: string | undefined;
  /** Whether these are the newest ones. */
  isFirst: boolean;
  keptDays: number;
}

export const mockPage = (props: MockProps) => page(<MockPage {...props} />);

function MockPage(props: MockProps) {
  const { shell, mock } = props;
  return (
    <Layout title={mock.name} shell={shell} section="mocks">
      <div class="head">
        <div>
          <p class="crumbs">
            <a href="/mocks">Mocks</a> / {mock.workspaceName}
          </p>
          <h1>{mock.name}</h1>
        </div>
        <div class="actions">
          <ActionButton
            action={`/mocks/${mock.id}/${mock.private ? "publish" : "unpublish"}`}
            csrfToken={shell.csrfToken}
            label={mock.private ? "Open to everybody" : "Make private"}
          />
          <a class="button danger" href={`/mocks/${mock.id}/delete`}>
            Delete
          </a>
        </div>
      </div>
      <CopyBox id="mock-url" text={mock.url} label="URL of the mock" />
      <p>
        {mock.private ? (
          <>
            Private: calls need the header <code>x-api-key</code>.
          </>
        ) : (
          "Open to everybody who reaches this server."
        )}{" "}
        Answers with the examples of <a href={`/collections/${mock.collectionId}`}>{mock.collectionName}</a>
        {mock.environmentName !== undefined && ` and the variables of ${mock.environmentName}`}.
      </p>
      {mock.serverResponseName !== undefined && (
        <p class="notice warn">
          Every call is answered with the server response “{mock.serverResponseName}”.
        </p>
      )}
      <section>
        <div class="panel-head">
          <h2>Calls</h2>
        </div>
        <MockCallsRegion {...props} />
      </section>
    </Layout>
  );
}

/** Refreshes itself while the newest calls are shown. */
export function MockCallsRegion({ shell, mock, calls, older, isFirst, keptDays }: MockProps) {
  return (
    <div
      id="calls"
      hx-get={isFirst ? `/mocks/${mock.id}` : undefined}
      hx-trigger={isFirst ? "every 5s" : undefined}
      hx-swap="outerMorph"
    >
      {calls.length === 0 ? (
        <p class="dim">Nobody has called it in the last {keptDays} days.</p>
      ) : (
        <CallTable calls={calls} now={shell.now} />
      )}
      <Pager previous={isFirst ? undefined : `/mocks/${mock.id}`} next={older} />
    </div>
  );
}

function CallTable({ calls, now }: { calls: MockCallRow[]; now: Date }) {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Call</th>
          <th scope="col">Answer</th>
          <th scope="col">When</th>
        </tr>
      </thead>
      <tbody>
        {calls.map((call) => (
          <tr id={`call-${call.id}`} class={call.isAnswered ? undefined : "tone-fail"}>
            <td class="name value">
              <details id={`detail-${call.id}`}>
                <summary>
                  {call.method} {call.path}
                </summary>
                <Message title="Request" headers={call.requestHeaders} body={call.requestBody} />
                <Message title="Response" headers={call.responseHeaders} body={call.responseBody} />
              </details>
            </td>
            <td data-label="Answer">
              {call.statusCode}
              <span class={call.isAnswered ? "sub" : "sub alarm"}>
                {!call.isAnswered && <span aria-hidden="true">✕ </span>}
                {call.responseName}
              </span>
            </td>
            <td data-label="When" class="when">
              <Time at={call.servedAt} now={now} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Message(props: { title: string; headers: { key: string; value: string }[]; body: string }) {
  const lines = props.headers.map(({ key, value }) => `${key}: ${value}`);
  return (
    <>
      <h3>{props.title}</h3>
      <code>{[...lines, "", props.body].join("\n").trim() || "(nothing)"}</code>
    </>
  );
}
