import { page, type Shell } from "../layout.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import {
  control,
  Field,
  Form,
  type FormErrors,
  FormMessage,
  SelectField,
  TextField,
} from "../parts/form.tsx";
import { Pager } from "../parts/pager.tsx";
import { StateMark, ZonedTime } from "../parts/status-incidents.tsx";
import { type EditedPage, StatusPageFrame } from "../parts/status-page-frame.tsx";
import { incidentWords } from "../parts/status-words.ts";
import type { IncidentState, ShownIncident } from "./status-view.ts";

interface IncidentPageProps {
  shell: Shell;
  edited: EditedPage;
  timezone: string;
  canEdit: boolean;
}

export type StatusIncidentsProps = IncidentPageProps & {
  incidents: (ShownIncident & { isAutomatic: boolean })[];
  previous?: string | undefined;
  next?: string | undefined;
};

/** Incidents of a page for those who report them, newest first. */
export const statusIncidentsPage = (props: StatusIncidentsProps) =>
  page(
    <StatusPageFrame {...props} tab="incidents">
      {props.incidents.length === 0 ? (
        <EmptyState title="No incidents">
          An incident tells readers what is wrong, what it is about and how it goes on. Report one when people
          should know more than that a monitor fails.
        </EmptyState>
      ) : (
        <IncidentTable {...props} />
      )}
      <Pager previous={props.previous} next={props.next} />
    </StatusPageFrame>,
  );

const IncidentTable = ({ incidents, edited, timezone }: StatusIncidentsProps) => (
  <table class="list apart">
    <thead>
      <tr>
        <th scope="col">State</th>
        <th scope="col">Incident</th>
        <th scope="col">Began</th>
        <th scope="col">Resolved</th>
      </tr>
    </thead>
    <tbody>
      {incidents.map((incident) => (
        <tr>
          <td class="state">
            <StateMark {...incidentWords[incident.state]} />
          </td>
          <td class="name">
            <a href={`/status-pages/${edited.id}/incidents/${incident.id}`}>{incident.title}</a>
            <span class="sub">
              {[
                incident.entries.map(({ name }) => name).join(", "),
                incident.isAutomatic ? "began by itself" : "",
              ]
                .filter(Boolean)
                .join(" · ")}
            </span>
          </td>
          <td data-label="Began">
            <ZonedTime at={incident.startedAt} timezone={timezone} />
          </td>
          <td data-label="Resolved">
            {incident.resolvedAt ? (
              <ZonedTime at={incident.resolvedAt} timezone={timezone} />
            ) : (
              <span class="dim">not yet</span>
            )}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

/** An entry of the page that an incident can be about. */
export interface IncidentChoice {
  monitorId: string;
  shownName: string;
}

export interface IncidentValues {
  title: string;
  state: string;
  message: string;
  monitors: string[];
}

export type NewIncidentProps = IncidentPageProps & {
  values: IncidentValues;
  choices: IncidentChoice[];
  errors?: FormErrors | undefined;
};

export const newIncidentPage = (props: NewIncidentProps) =>
  page(
    <StatusPageFrame {...props} tab="incidents" title="Report an incident">
      <h2>Report an incident</h2>
      <Form
        action={`/status-pages/${props.edited.id}/incidents`}
        csrfToken={props.shell.csrfToken}
        class="form status-form"
      >
        <FormMessage errors={props.errors} />
        <TextField
          name="title"
          label="Title"
          value={props.values.title}
          errors={props.errors}
          required
          hint="What readers notice, e.g. “Payments are slow”."
        />
        <UpdateFields {...props} />
        <About {...props} />
        <div class="actions">
          <button type="submit" class="button primary">
            Report
          </button>
          <a class="button" href={`/status-pages/${props.edited.id}/incidents`}>
            Cancel
          </a>
        </div>
      </Form>
    </StatusPageFrame>,
  );

export type IncidentProps = IncidentPageProps & {
  incident: ShownIncident & { isAutomatic: boolean };
  /** Of the next update. */
  values: Pick<IncidentValues, "state" | "message">;
  /** Of the incident itself. */
  details: Pick<IncidentValues, "title" | "monitors">;
  choices: IncidentChoice[];
  errors?: FormErrors | undefined;
};

/** One incident: what was said, and what there is to say next. */
export const incidentPage = (props: IncidentProps) => {
  const { shell, edited, incident, timezone, canEdit } = props;
  const path = `/status-pages/${edited.id}/incidents/${incident.id}`;
  return page(
    <StatusPageFrame {...props} tab="incidents" title={incident.title}>
      <h2>{incident.title}</h2>
      <div class="columns">
        <div>
          <p class="about">
            <StateMark {...incidentWords[incident.state]} />{" "}
            <span class="dim">
              since <ZonedTime at={incident.startedAt} timezone={timezone} />
              {incident.isAutomatic && ", by itself: a monitor failed"}
            </span>
          </p>
          <ol class="plain updates">
            {incident.updates.map((update) => (
              <li class={`incident ${incidentWords[update.state].tone}`}>
                <p class="dim">
                  <b>{incidentWords[update.state].word}</b> · <ZonedTime at={update.at} timezone={timezone} />
                </p>
                <p class="said">{update.message}</p>
              </li>
            ))}
          </ol>
        </div>
        {canEdit && (
          <div>
            <Form action={`${path}/updates`} csrfToken={shell.csrfToken} class="form panel status-form">
              <h3>Say how it goes on</h3>
              <FormMessage errors={props.errors} />
              <UpdateFields {...props} />
              <button type="submit" class="button primary">
                Publish update
              </button>
            </Form>
            <Form action={path} csrfToken={shell.csrfToken} class="form panel status-form">
              <h3>Title and systems</h3>
              <TextField
                name="title"
                label="Title"
                value={props.details.title}
                errors={props.errors}
                required
              />
              <About choices={props.choices} values={props.details} errors={props.errors} />
              <div class="actions">
                <button type="submit" class="button">
                  Save
                </button>
                <a class="button danger" href={`${path}/delete`}>
                  Delete
                </a>
              </div>
            </Form>
          </div>
        )}
      </div>
    </StatusPageFrame>,
  );
};

const states = (["investigating", "identified", "monitoring", "resolved"] as const).map(
  (state: IncidentState) => ({
    value: state,
    label: incidentWords[state].word,
  }),
);

const UpdateFields = ({
  values,
  errors,
}: {
  values: Pick<IncidentValues, "state" | "message">;
  errors?: FormErrors | undefined;
}) => (
  <>
    <SelectField name="state" label="State" value={values.state} options={states} errors={errors} />
    <Field name="message" label="Message" errors={errors} hint="Readers see it as you write it.">
      <textarea rows={4} required {...control("message", errors, true)}>
        {values.message}
      </textarea>
    </Field>
  </>
);

function About({
  choices,
  values,
  errors,
}: {
  choices: IncidentChoice[];
  values: Pick<IncidentValues, "monitors">;
  errors?: FormErrors | undefined;
}) {
  if (choices.length === 0) return null;
  return (
    <fieldset>
      <legend>What it is about</legend>
      {choices.map(({ monitorId, shownName }) => (
        <label class="check choice">
          <input
            type="checkbox"
            name="monitors"
            value={monitorId}
            checked={values.monitors.includes(monitorId)}
          />
          {shownName}
        </label>
      ))}
      {errors?.["monitors"] && <p class="message">{errors["monitors"]}</p>}
    </fieldset>
  );
}
