import type { Child } from "hono/jsx";

import { plural } from "../format.ts";
import { Inherited, type InheritedAuth } from "./auth-fields.tsx";
import { CodeBlock } from "./code-block.tsx";
import { scriptAnchor } from "./script-place.tsx";

export interface ParamRow {
  key: string;
  value: string;
  isOff: boolean;
  description: string;
  /** Then the value is not shown. */
  isSecret?: boolean;
}

export interface ScriptView {
  /** `prerequest`, `test`, or what else a document names. */
  event: string;
  text: string;
}

export interface ExampleView {
  name: string;
  status: string;
  request: string;
  headers: string;
  body: string;
  language: string;
}

export interface RequestView {
  method: string;
  url: string;
  params: ParamRow[];
  pathVariables: ParamRow[];
  headers: ParamRow[];
  auth: { key: string; value: string }[];
  /** As in v2.1; empty = none. */
  bodyMode: string;
  body: { label: string; text: string; language: string }[];
  fields: ParamRow[];
  scripts: ScriptView[];
  description: string;
  examples: ExampleView[];
  /** Examples beyond those. */
  moreExamples: number;
}

interface PartProps {
  /** For links to it. */
  id?: string | undefined;
  title: string;
  isEmpty: boolean;
  children: Child;
}

/** A part of a page that is left out when there is nothing in it. */
export function Part({ id, title, isEmpty, children }: PartProps) {
  if (isEmpty) return null;
  return (
    <section class="part" id={id}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** Everything that a request says, part by part. */
export function RequestParts({ request, inherited }: { request: RequestView; inherited: InheritedAuth }) {
  return (
    <>
      <Part title="Description" isEmpty={request.description === ""}>
        <p class="prose">{request.description}</p>
      </Part>
      <Part title="Parameters" isEmpty={request.params.length === 0}>
        <Params rows={request.params} noun="Parameter" />
      </Part>
      <Part title="Path variables" isEmpty={request.pathVariables.length === 0}>
        <Params rows={request.pathVariables} noun="Variable" />
      </Part>
      <Part title="Headers" isEmpty={request.headers.length === 0}>
        <Params rows={request.headers} noun="Header" />
      </Part>
      <Authorization auth={request.auth} inherited={inherited} />
      <Part title={bodyTitle(request.bodyMode)} isEmpty={request.body.length + request.fields.length === 0}>
        {request.fields.length > 0 && <Params rows={request.fields} noun="Field" />}
        {request.body.map(({ label, text, language }) => (
          <>
            {label !== "" && <h3>{label}</h3>}
            <CodeBlock text={text} language={language} label={label === "" ? "Body" : label} />
          </>
        ))}
      </Part>
      <Scripts scripts={request.scripts} />
      <Examples examples={request.examples} more={request.moreExamples} />
    </>
  );
}

const bodyTitles: ReadonlyMap<string, string> = new Map([
  ["urlencoded", "Form"],
  ["formdata", "Form with files"],
  ["graphql", "GraphQL"],
  ["file", "Body from a file"],
]);
const bodyTitle = (mode: string): string => bodyTitles.get(mode) ?? "Body";

export function Params({ rows, noun }: { rows: ParamRow[]; noun: string }) {
  return (
    <table class="list params">
      <thead>
        <tr>
          <th scope="col">{noun}</th>
          <th scope="col">Value</th>
          <th scope="col">Description</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, value, isOff, description, isSecret }) => (
          <tr class={isOff ? "off" : undefined}>
            <td class="name">
              <code>{key}</code>
              {isOff && <span class="visually-hidden"> (switched off)</span>}
            </td>
            <td class="value">{isSecret ? <span class="dim">secret</span> : <code>{value}</code>}</td>
            <td class="long dim">{description}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface AuthorizationProps {
  auth: { key: string; value: string }[];
  /** What holds where there is none; absent on a collection. */
  inherited?: InheritedAuth;
}

export function Authorization({ auth, inherited }: AuthorizationProps) {
  if (auth.length === 0 && inherited && inherited.type !== "") {
    return (
      <Part title="Authorization" isEmpty={false}>
        <p>
          <Inherited inherited={inherited} />
        </p>
      </Part>
    );
  }
  return (
    <Part title="Authorization" isEmpty={auth.length === 0}>
      <dl class="facts auth">
        {auth.map(({ key, value }) => (
          <div>
            <dt>{key}</dt>
            <dd>
              <code>{value}</code>
            </dd>
          </div>
        ))}
      </dl>
    </Part>
  );
}

const scriptTitles: ReadonlyMap<string, string> = new Map([
  ["prerequest", "Pre-request script"],
  ["test", "Test script"],
]);

export function Scripts({ scripts }: { scripts: ScriptView[] }) {
  return (
    <>
      {scripts.map(({ event, text }, index) => {
        const title = scriptTitles.get(event) ?? `Script of ${event}`;
        const isFirst = scripts.findIndex((script) => script.event === event) === index;
        return (
          <Part id={isFirst ? scriptAnchor(event) : undefined} title={title} isEmpty={false}>
            <CodeBlock text={text} language="javascript" label={title} isNumbered />
          </Part>
        );
      })}
    </>
  );
}

function Examples({ examples, more }: { examples: ExampleView[]; more: number }) {
  return (
    <Part title="Examples" isEmpty={examples.length === 0}>
      {examples.map((example) => (
        <details class="example">
          <summary>
            <b>{example.name}</b> <span class="dim">{example.status}</span>
          </summary>
          <p class="dim">
            <code>{example.request}</code>
          </p>
          {example.headers !== "" && <CodeBlock text={example.headers} language="" label="Headers" />}
          {example.body !== "" && <CodeBlock text={example.body} language={example.language} label="Body" />}
        </details>
      ))}
      {more > 0 && <p class="dim">{`${plural(more, "more example")} not shown`}</p>}
    </Part>
  );
}
