import type { Child } from "hono/jsx";

import { formatInstant } from "../format.ts";
import {
  changed,
  defaultView,
  isFiltered,
  measures,
  type MonitorView,
  monitorAddress,
  type Range,
  ranges,
  results,
  triggers,
} from "./monitor-view.ts";
import { Tabs } from "./tabs.tsx";

interface FilterProps {
  monitorId: string;
  view: MonitorView;
  requests: { id: number; name: string; folder: string }[];
  runners: { id: string; name: string }[];
}

/** Chooses what runs the page is about. It is left alone by refreshes, so that a choice half made stays. */
export function MonitorFilter({ monitorId, view, requests, runners }: FilterProps) {
  const cleared = changed(view, {
    span: undefined,
    request: undefined,
    trigger: undefined,
    result: undefined,
    runner: undefined,
  });
  return (
    <form class="filter" method="get" action={`/monitors/${monitorId}`} aria-label="Filter" data-keep>
      <Kept view={view} without={["filter"]} />
      <Choice
        name="request"
        label="Request"
        empty="Whole runs"
        value={view.request?.toString()}
        options={requests.map(({ id, name, folder }) => ({
          value: String(id),
          label: folder === "" ? name : `${folder} / ${name}`,
        }))}
      />
      <Choice
        name="trigger"
        label="Trigger"
        empty="Any trigger"
        value={view.trigger}
        options={triggers.map((value) => ({ value, label: value }))}
      />
      <Choice
        name="result"
        label="Result"
        empty="Any result"
        value={view.result}
        options={results.map((value) => ({ value, label: value }))}
      />
      <Choice
        name="runner"
        label="Runner"
        empty="Any runner"
        value={view.runner}
        options={runners.map(({ id, name }) => ({ value: id, label: name }))}
      />
      <button type="submit" class="button">
        Filter
      </button>
      {isFiltered(view) && <a href={monitorAddress(monitorId, cleared)}>Clear filters</a>}
    </form>
  );
}

interface ChoiceProps {
  name: string;
  label: string;
  empty: string;
  value: string | undefined;
  options: { value: string; label: string }[];
}

function Choice({ name, label, empty, value, options }: ChoiceProps) {
  const isKnown = value === undefined || options.some((option) => option.value === value);
  return (
    <div>
      <label for={`filter-${name}`}>{label}</label>
      <select id={`filter-${name}`} name={name} autocomplete="off">
        <option value="">{empty}</option>
        {options.map((option) => (
          <option value={option.value} selected={option.value === value}>
            {option.label}
          </option>
        ))}
        {!isKnown && (
          <option value={value} selected>
            not in this time
          </option>
        )}
      </select>
    </div>
  );
}

/** What a form does not ask for and must not forget. */
function Kept({ view, without }: { view: MonitorView; without: ("filter" | "time" | "range")[] }) {
  const fields: [string, string | undefined][] = [
    ["measure", view.measure === defaultView.measure ? undefined : view.measure],
    ["per", view.perRunner ? "runner" : undefined],
    ["sort", view.sort === defaultView.sort ? undefined : view.sort],
  ];
  if (!without.includes("range")) {
    fields.push(["range", view.range === defaultView.range ? undefined : view.range]);
  }
  if (!without.includes("time")) {
    fields.push(["from", view.span?.from.toISOString()], ["to", view.span?.to.toISOString()]);
  }
  if (!without.includes("filter")) {
    fields.push(["request", view.request?.toString()], ["trigger", view.trigger]);
    fields.push(["result", view.result], ["runner", view.runner]);
  }
  return (
    <>
      {fields.map(
        ([name, value]) =>
          value !== undefined && <input type="hidden" name={name} value={value} autocomplete="off" />,
      )}
    </>
  );
}

/** The span of the page: a range up to now, one of one's own, or around an instant. */
export function TimeChoice({ monitorId, view, now }: { monitorId: string; view: MonitorView; now: Date }) {
  const known = Object.entries(ranges) as [Range, string][]; // Keys of a const object are exactly its keys.
  return (
    <div class="time-choice">
      <Tabs
        label="Range of the chart"
        tabs={known.map(([range, label]) => ({
          href: monitorAddress(monitorId, changed(view, { range, span: undefined })),
          label,
          current: view.span === undefined && view.range === range,
        }))}
      />
      <details class="menu" id="other-time">
        <summary class="button small">Other time</summary>
        <div class="menu-body" data-keep>
          <TimeForm monitorId={monitorId} view={view} label="Show">
            <Instant name="from" label="From (UTC)" at={view.span?.from} max={now} />
            <Instant name="to" label="To (UTC)" at={view.span?.to} max={now} />
          </TimeForm>
          <TimeForm monitorId={monitorId} view={view} label="Go to">
            <Instant name="at" label="Around (UTC)" at={undefined} max={now} />
          </TimeForm>
        </div>
      </details>
    </div>
  );
}

interface TimeFormProps {
  monitorId: string;
  view: MonitorView;
  label: string;
  children: Child;
}

const TimeForm = ({ monitorId, view, label, children }: TimeFormProps) => (
  <form method="get" action={`/monitors/${monitorId}`}>
    <Kept view={view} without={["time"]} />
    {children}
    <button type="submit" class="button small">
      {label}
    </button>
  </form>
);

const fieldText = (at: Date): string => at.toISOString().slice(0, 16);

const Instant = (props: { name: string; label: string; at: Date | undefined; max: Date }) => (
  <label>
    <span>{props.label}</span>
    <input
      type="datetime-local"
      name={props.name}
      value={props.at && fieldText(props.at)}
      max={fieldText(props.max)}
      autocomplete="off"
    />
  </label>
);

/** Which span of one's own is shown, and the way back. */
export function ShownSpan({ monitorId, view }: { monitorId: string; view: MonitorView }) {
  if (!view.span) return null;
  return (
    <p class="shown-span">
      {`${formatInstant(view.span.from)} – ${formatInstant(view.span.to)} `}
      <a href={monitorAddress(monitorId, changed(view, { span: undefined }))}>Reset zoom</a>
    </p>
  );
}

/** What the chart draws of the times, and whether runners are compared. */
export function MeasureChoice({ monitorId, view }: { monitorId: string; view: MonitorView }) {
  const known = Object.entries(measures) as [keyof typeof measures, string][]; // Keys of a const object are exactly its keys.
  return (
    <div class="measure-choice">
      <Tabs
        label="Formula"
        tabs={known.map(([measure, label]) => ({
          href: monitorAddress(monitorId, { ...view, measure }),
          label,
          current: view.measure === measure,
        }))}
      />
      {view.measure !== "phases" && (
        <a class="button small" href={monitorAddress(monitorId, { ...view, perRunner: !view.perRunner })}>
          {view.perRunner ? "All runners together" : "Compare runners"}
        </a>
      )}
    </div>
  );
}
