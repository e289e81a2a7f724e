import { plural } from "../format.ts";
import { CopyBox } from "./copy-box.tsx";
import { Field, SelectField, TextField, control } from "./form.tsx";
import { presets } from "./monitor-fields.tsx";
import { StepForm, type StartProps } from "./start-form.tsx";

export function WorkspaceStep(props: StartProps) {
  return (
    <StepForm {...props} step="workspace" label="Create workspace">
      <TextField
        name="name"
        label="Name"
        value={props.sent("name") || "My Workspace"}
        errors={props.errors}
        required
        autofocus
        hint="It holds collections, environments and monitors that belong together. Everybody in the team may change what is in it; its page lets you change that."
      />
    </StepForm>
  );
}

export function CollectionStep(props: StartProps) {
  const { errors, sent } = props;
  return (
    <StepForm {...props} step="collection" label="Import">
      <p>
        What is to be run: a Postman collection of any version, a data dump or zip file with some, or an
        OpenAPI document as JSON or YAML.
      </p>
      <Field name="file" label="File" errors={errors} hint="Choose it, or drop it here.">
        <input
          type="file"
          class="drop"
          accept=".json,.yaml,.yml,.zip,application/json"
          {...control("file", errors, true)}
        />
      </Field>
      <TextField
        name="url"
        label="or its address"
        value={sent("url")}
        errors={errors}
        placeholder="https://git.example.test/shop/openapi.yaml"
        hint="The control plane fetches it, without credentials."
      />
      <Field name="text" label="or paste it" errors={errors}>
        <textarea rows={5} spellcheck={false} {...control("text", errors)}>
          {sent("text")}
        </textarea>
      </Field>
    </StepForm>
  );
}

export function EnvironmentStep(props: StartProps) {
  const { openVariables, errors, sent } = props;
  if (openVariables.length === 0) {
    return (
      <StepForm {...props} step="environment" label="Go on without an environment">
        <input type="hidden" name="skip" value="yes" />
        <p>
          The collection defines every variable that it uses, so it needs no environment. You can{" "}
          <a href="/environments">upload one</a> at any time.
        </p>
      </StepForm>
    );
  }
  return (
    <>
      <StepForm {...props} step="environment" label="Save environment">
        <p>
          {`The collection uses ${plural(openVariables.length, "variable")} that nothing in it defines. `}
          Give them values here, or <a href="/environments">upload an environment</a> of Postman and come
          back.
        </p>
        <TextField name="name" label="Name" value={sent("name") || "Production"} errors={errors} required />
        {openVariables.map((name) => (
          <div class="variable">
            <input type="hidden" name="key" value={name} />
            <Field name={`value:${name}`} label={name} errors={errors}>
              <input
                {...control(`value:${name}`, errors)}
                type={isSecretName(name) ? "password" : "text"}
                value={isSecretName(name) ? "" : sent(`value:${name}`)}
                autocomplete="off"
                spellcheck={false}
              />
            </Field>
            <label class="check">
              <input type="checkbox" name={`secret:${name}`} value="yes" checked={isSecretName(name)} />
              Secret<span class="visually-hidden"> {name}</span>
            </label>
          </div>
        ))}
        <p class="hint">A secret is encrypted where it is kept, and never shown again.</p>
      </StepForm>
      <StepForm {...props} step="environment" label="Go on without an environment">
        <input type="hidden" name="skip" value="yes" />
      </StepForm>
    </>
  );
}

/** What people call credentials; the box beside it decides. */
const isSecretName = (name: string): boolean => /token|secret|passw|api.?key|credential/i.test(name);

export function RunnerStep(props: StartProps) {
  const { progress, startCommand, runnerName, shell, sent, errors } = props;
  const { awaited } = progress.runners;
  if (startCommand !== undefined) {
    return (
      <>
        <p>
          Run this on a machine that reaches your APIs. It needs outbound HTTP to this control plane and
          nothing else. The key in it is not stored, so it is shown only now.
        </p>
        <CopyBox id="start-command" text={startCommand} label="Start command" />
        <p class="actions">
          <a class="button primary" href={props.address}>
            {`I have started ${runnerName ?? "it"}`}
          </a>
        </p>
      </>
    );
  }
  return (
    <>
      {awaited ? (
        <p role="status">
          <span class="spinner" aria-hidden="true" /> Waiting for <b>{awaited.name}</b> to connect.{" "}
          <a href={props.address}>Look again</a>. Its log says what keeps it from connecting;{" "}
          <code>app runner doctor</code> on its machine says more.
        </p>
      ) : (
        <p>
          A runner executes the monitor from inside your network. It calls out to this control plane; nothing
          calls in.
        </p>
      )}
      {shell.user.isAdmin ? (
        <StepForm
          {...props}
          step="runner"
          label={awaited ? "Show a start command with a new key" : "Create runner"}
        >
          {awaited ? (
            <input type="hidden" name="awaited" value={awaited.id} />
          ) : (
            <TextField
              name="name"
              label="Name"
              value={sent("name") || "My runner"}
              errors={errors}
              required
              hint="Where it stands, e.g. “Berlin datacenter”."
            />
          )}
        </StepForm>
      ) : (
        <p>
          Only an admin of the team makes runners: ask one, this page goes on as soon as one is connected.
        </p>
      )}
    </>
  );
}

export function MonitorStep(props: StartProps) {
  const { progress, errors, sent, timezones } = props;
  return (
    <StepForm {...props} step="monitor" label="Create it and run it now">
      <TextField
        name="name"
        label="Name"
        value={sent("name") || (progress.collection?.name ?? "")}
        errors={errors}
        required
      />
      <div class="pair">
        <SelectField
          name="schedule"
          label="How often"
          value={sent("schedule") || "*/5 * * * *"}
          errors={errors}
          options={presets.filter(({ value }) => value.includes("*"))}
        />
        <Field name="timezone" label="Time zone" errors={errors}>
          <input
            {...control("timezone", errors)}
            value={sent("timezone") || "UTC"}
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
    </StepForm>
  );
}

export function ResultStep({ progress, address }: StartProps) {
  const { run, monitor } = progress;
  if (!run || ["queued", "running"].includes(run.status)) {
    return (
      <p role="status">
        <span class="spinner" aria-hidden="true" />
        {run?.status === "running" ? " The first run is under way. " : " The first run waits for a runner. "}
        <a href={address}>Look again</a>
        {run && (
          <>
            {" or "}
            <a href={`/runs/${run.id}`}>watch it</a>
          </>
        )}
        .
      </p>
    );
  }
  return (
    <>
      <p>
        {run.status === "passed"
          ? "The monitor runs on its schedule from now on."
          : `The first run ${run.status}${run.detail === null ? "" : `: ${run.detail}`} Its page shows the step and why.`}
      </p>
      <p class="actions">
        <a class="button primary" href={`/runs/${run.id}`}>
          See the run
        </a>
        <a class="button" href={monitor ? `/monitors/${monitor.id}/alerts` : "/alerts"}>
          Say who is told when it fails
        </a>
        <a class="button" href="/">
          All monitors
        </a>
      </p>
    </>
  );
}
