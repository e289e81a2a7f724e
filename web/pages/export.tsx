import { Layout, page, type Shell } from "../layout.tsx";
import { control, Field, SelectField } from "../parts/form.tsx";
import { MonitorHead } from "../parts/monitor-tabs.tsx";

export interface ExportProps {
  shell: Shell;
  monitor: { id: string; name: string; workspaceName: string };
  runners: { id: string; name: string }[];
  /** As they stand in the address. */
  values: Record<string, string>;
}

/** Results of a monitor as files. */
export const exportPage = ({ shell, monitor, runners, values }: ExportProps) => {
  const path = `/monitors/${monitor.id}/export`;
  return page(
    <Layout title={`Export of ${monitor.name}`} shell={shell} section="monitors">
      <MonitorHead monitor={monitor} place="export" title="Export" />
      <form class="form panel" method="get" action={`${path}.csv`}>
        <p>
          Download results for a spreadsheet or a program. What is left empty does not limit anything; large
          files are sent while they are read.
        </p>
        <SelectField
          name="content"
          label="What"
          value={values["content"] ?? "runs"}
          options={[
            { value: "runs", label: "One line for each run" },
            { value: "steps", label: "One line for each request, with its timings" },
          ]}
        />
        <div class="pair">
          <Instant name="from" label="From (UTC)" value={values["from"]} />
          <Instant name="to" label="Until (UTC)" value={values["to"]} />
        </div>
        <div class="pair">
          <SelectField
            name="result"
            label="Result"
            value={values["result"] ?? ""}
            options={options("Any result", ["passed", "failed", "errored", "aborted"])}
          />
          <SelectField
            name="trigger"
            label="Trigger"
            value={values["trigger"] ?? ""}
            options={options("Any trigger", ["scheduled", "manual", "cli", "webhook", "api"])}
          />
        </div>
        <SelectField
          name="runner"
          label="Runner"
          value={values["runner"] ?? ""}
          options={[
            { value: "", label: "Any runner" },
            ...runners.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
        {values["request"] && <input type="hidden" name="request" value={values["request"]} />}
        <div class="downloads">
          <button type="submit" class="button primary">
            Download CSV
          </button>
          <button type="submit" class="button" formaction={`${path}.json`}>
            Download JSON
          </button>
        </div>
        <p class="hint">
          Instants are in UTC. In CSV, a text that a spreadsheet would run as a formula begins with an
          apostrophe. Programs get the same from <code>GET /api/monitors/{monitor.id}/runs?format=csv</code>{" "}
          with an API key.
        </p>
      </form>
    </Layout>,
  );
};

const options = (all: string, values: string[]) => [
  { value: "", label: all },
  ...values.map((value) => ({ value, label: value })),
];

function Instant({ name, label, value }: { name: string; label: string; value: string | undefined }) {
  return (
    <Field name={name} label={label}>
      <input type="datetime-local" value={value?.slice(0, 16)} {...control(name)} />
    </Field>
  );
}
