import { Layout, page, type Shell } from "../layout.tsx";
import { AlertTabs } from "../parts/alert-tabs.tsx";
import { ChooseWorkspace } from "../parts/choose-workspace.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import {
  ActionButton,
  control,
  Field,
  Form,
  type FormErrors,
  FormMessage,
  SelectField,
} from "../parts/form.tsx";
import { Time } from "../parts/time.tsx";

export interface SummaryRow {
  id: string;
  workspaceName: string;
  channelName: string;
  /** "every day at 9:00 (Europe/Berlin)". */
  says: string;
  nextAt: Date;
  lastSentAt: Date | null;
  mayChange: boolean;
}

export interface SummaryValues {
  channel: string;
  period: string;
  weekday: string;
  hour: string;
  timezone: string;
}

export interface SummariesProps {
  shell: Shell;
  rows: SummaryRow[];
  /** Where a new one goes; absent while the workspace is not chosen. */
  place: { id: string; name: string; channels: { id: string; name: string }[] } | undefined;
  values: SummaryValues;
  timezones: string[];
  isSent: boolean;
  errors?: FormErrors | undefined;
}

export const summariesPage = (props: SummariesProps) => {
  const { shell, rows, place, isSent } = props;
  return page(
    <Layout title="Summaries" shell={shell} section="alerts">
      <div class="head">
        <h1>Summaries</h1>
      </div>
      <AlertTabs shell={shell} place="summaries" />
      {isSent && (
        <p class="notice" role="status">
          The summary is on its way. Whether it arrived stands in the <a href="/alerts">log</a>.
        </p>
      )}
      {rows.length === 0 ? (
        <EmptyState title="Nobody gets a summary yet">
          Once a day or once a week: which monitors failed, uptime, the slowest, slots that did not run, and
          certificates that end soon, by e-mail, in a chat, or to a webhook.
        </EmptyState>
      ) : (
        <SummaryTable shell={shell} rows={rows} />
      )}
      {place ? (
        <NewSummary {...props} place={place} />
      ) : (
        <ChooseWorkspace shell={shell} path="/alerts/summaries" />
      )}
    </Layout>,
  );
};

function SummaryTable({ shell, rows }: Pick<SummariesProps, "shell" | "rows">) {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Summary of</th>
          <th scope="col">Through</th>
          <th scope="col">Next</th>
          <th scope="col">Last</th>
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            <td class="name">
              {row.workspaceName}
              <span class="sub">{row.says}</span>
            </td>
            <td data-label="Through">{row.channelName}</td>
            <td data-label="Next">
              <Time at={row.nextAt} now={shell.now} show="both" />
            </td>
            <td data-label="Last">
              <Time at={row.lastSentAt} now={shell.now} />
            </td>
            <td class="end">
              {row.mayChange && (
                <span class="row-actions">
                  <ActionButton
                    action={`/alerts/summaries/${row.id}/send`}
                    csrfToken={shell.csrfToken}
                    label="Send now"
                    class="small"
                  />
                  <ActionButton
                    action={`/alerts/summaries/${row.id}/delete`}
                    csrfToken={shell.csrfToken}
                    label="End"
                    class="small danger"
                  />
                </span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const hours = Array.from({ length: 24 }, (_, hour) => ({ value: String(hour), label: `${hour}:00` }));

type NewProps = SummariesProps & { place: NonNullable<SummariesProps["place"]> };

function NewSummary({ shell, place, values, errors, timezones }: NewProps) {
  if (place.channels.length === 0) {
    return (
      <p class="dim">
        It needs a <a href="/alerts/channels">channel</a>: e-mail, Slack, Microsoft Teams or a webhook.
      </p>
    );
  }
  return (
    <section aria-labelledby="new-summary">
      <h2 id="new-summary">{`New summary of ${place.name}`}</h2>
      <Form action={`/alerts/summaries?workspace=${place.id}`} csrfToken={shell.csrfToken} class="form">
        <FormMessage errors={errors} />
        <SelectField
          name="channel"
          label="Through"
          value={values.channel}
          errors={errors}
          options={place.channels.map(({ id, name }) => ({ value: id, label: name }))}
        />
        <div class="pair">
          <SelectField
            name="period"
            label="How often"
            value={values.period}
            errors={errors}
            options={[
              { value: "daily", label: "Every day" },
              { value: "weekly", label: "Every week" },
            ]}
          />
          <SelectField
            name="weekday"
            label="Day of a weekly one"
            value={values.weekday}
            errors={errors}
            options={weekdays.map((label, index) => ({ value: String(index), label }))}
          />
        </div>
        <div class="pair">
          <SelectField name="hour" label="At" value={values.hour} errors={errors} options={hours} />
          <Field name="timezone" label="Time zone" errors={errors}>
            <input
              {...control("timezone", errors)}
              value={values.timezone}
              list="timezones"
              autocomplete="off"
            />
          </Field>
        </div>
        <datalist id="timezones">
          {timezones.map((timezone) => (
            <option value={timezone} />
          ))}
        </datalist>
        <div class="actions">
          <button type="submit" class="button primary">
            Subscribe
          </button>
        </div>
      </Form>
    </section>
  );
}
