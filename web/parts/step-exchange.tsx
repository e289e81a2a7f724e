import type { Certificate, Step } from "../../src/contract/events.ts";
import { formatBytes, formatDuration, plural } from "../format.ts";
import { indentedJson, JsonText } from "./json-text.tsx";
import { Part, type StepSetting } from "./step-part.tsx";

interface SideProps {
  step: Step;
  setting: StepSetting;
}

/** What was sent. */
export function RequestSide({ step, setting }: SideProps) {
  const { request } = step;
  if (!request) {
    const sentence = step.skipped ? "A script skipped this request." : "Nothing was sent.";
    return (
      <Part title="Request">
        <p class="dim">{sentence}</p>
      </Part>
    );
  }
  return (
    <Part title="Request">
      <p class="line">
        <b>{request.method}</b> <code>{request.url}</code>
      </p>
      <Headers headers={request.headers} />
      {request.omitted ? (
        <NotKept kept={setting.keeps.requests} bytes={request.body?.bytes} />
      ) : (
        request.body && <Body body={request.body} setting={setting} position={step.position} />
      )}
    </Part>
  );
}

/** What came back, and from whom. */
export function ResponseSide({ step, setting }: SideProps) {
  const { response } = step;
  if (!response) return <WithoutResponse step={step} setting={setting} />;
  return (
    <Part title="Response">
      <p class="line">
        <b>{response.code}</b> {response.status}
        <span class="dim">
          {` · HTTP/${response.httpVersion} · ${formatBytes(response.wireBytes)}`}
          {step.timings && ` · ${formatDuration(step.timings.totalMs)}`}
        </span>
      </p>
      <Peer
        addresses={step.addresses}
        remoteAddress={response.remoteAddress}
        certificate={response.certificate}
        now={setting.now}
      />
      <Headers headers={response.headers} />
      {response.omitted ? (
        <NotKept kept={setting.keeps.responses} bytes={response.body.bytes} />
      ) : (
        <Body body={response.body} setting={setting} position={step.position} />
      )}
    </Part>
  );
}

function WithoutResponse({ step, setting }: SideProps) {
  if (!step.request) return null;
  return (
    <Part title="Response">
      <p class="dim">No answer came.</p>
      <Peer addresses={step.addresses} certificate={step.certificate} now={setting.now} />
    </Part>
  );
}

interface PeerProps {
  addresses: string[] | undefined;
  remoteAddress?: string | undefined;
  certificate: Certificate | undefined;
  now: Date;
}

function Peer({ addresses = [], remoteAddress, certificate, now }: PeerProps) {
  const others = addresses.filter((address) => !remoteAddress?.includes(address));
  if (remoteAddress === undefined && addresses.length === 0 && !certificate) return null;
  return (
    <dl class="peer">
      {remoteAddress !== undefined && (
        <div>
          <dt>Address</dt>
          <dd>{remoteAddress}</dd>
        </div>
      )}
      {others.length > 0 && (
        <div>
          <dt>{remoteAddress === undefined ? "DNS answered" : "DNS also answered"}</dt>
          <dd>{others.join(", ")}</dd>
        </div>
      )}
      {certificate && <CertificateFacts certificate={certificate} now={now} />}
    </dl>
  );
}

const DAY = 24 * 60 * 60 * 1000;
/** From here on somebody has to do something. */
const SOON_DAYS = 14;

function CertificateFacts({ certificate, now }: { certificate: Certificate; now: Date }) {
  const endsAt = Date.parse(certificate.validTo);
  const days = Math.floor((endsAt - now.getTime()) / DAY);
  return (
    <>
      <div>
        <dt>Certificate of</dt>
        <dd>{certificate.subject}</dd>
      </div>
      <div>
        <dt>Issued by</dt>
        <dd>{certificate.issuer}</dd>
      </div>
      {Number.isFinite(days) && (
        <div>
          <dt>Valid until</dt>
          <dd>
            {certificate.validTo.slice(0, 10)}{" "}
            <span class={days < SOON_DAYS ? "soon" : "dim"}>
              {days < 0 ? "expired" : `${plural(days, "day")} left`}
            </span>
          </dd>
        </div>
      )}
    </>
  );
}

const keptWords = {
  failed: "this monitor keeps those of steps that failed",
  all: "the monitor did not keep them when this ran",
  none: "this monitor keeps none",
} as const;

function NotKept({ kept, bytes }: { kept: keyof typeof keptWords; bytes: number | undefined }) {
  return (
    <p class="dim">
      {`Headers and body${bytes ? ` (${formatBytes(bytes)})` : ""} were not kept: ${keptWords[kept]}.`}
    </p>
  );
}

function Headers({ headers }: { headers: [string, string][] }) {
  if (headers.length === 0) return null;
  return (
    <details class="headers">
      <summary>{plural(headers.length, "header")}</summary>
      <table>
        <tbody>
          {headers.map(([name, value]) => (
            <tr>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

interface BodyProps {
  body: { bytes: number; text?: string | undefined; truncated?: boolean | undefined };
  setting: StepSetting;
  position: number;
}

function Body({ body, setting, position }: BodyProps) {
  if (body.bytes === 0) return <p class="dim">Empty body</p>;
  if (body.text === undefined) {
    return (
      <p class="dim">{`${formatBytes(body.bytes)}, not kept: it is no text, or the runner keeps no bodies.`}</p>
    );
  }
  const json = indentedJson(body.text);
  const text = json ?? body.text;
  const isCut = text.length > setting.bodyChars;
  const shown = isCut ? text.slice(0, setting.bodyChars) : text;
  return (
    <>
      <pre class="body" tabindex={0}>
        {json === undefined ? shown : <JsonText text={shown} />}
      </pre>
      {(body.truncated || isCut) && (
        <p class="dim">
          {`The beginning of ${formatBytes(body.bytes)}`}
          {isCut && (
            <>
              {"; "}
              <a href={setting.hrefOf(position)}>all that was kept</a>
            </>
          )}
        </p>
      )}
    </>
  );
}
