import { Layout, page, type Shell } from "../layout.tsx";
import { ChooseMonitors } from "../parts/choose-monitors.tsx";
import { Form, type FormErrors } from "../parts/form.tsx";
import { RuleForm, type RuleFormProps } from "../parts/rule-form.tsx";

export interface RulePageProps {
  shell: Shell;
  rule: { id: string; name: string };
  monitor: { id: string; name: string } | undefined;
  workspaceName: string;
  form: Omit<RuleFormProps, "shell">;
  /** That it can be copied to. */
  monitors: { id: string; name: string; folder: string }[];
  /** How many copies were just made; undefined = none were. */
  copied: number | undefined;
  copyErrors?: FormErrors | undefined;
}

export const rulePage = (props: RulePageProps) => {
  const { shell, rule, monitor, workspaceName, form } = props;
  return page(
    <Layout title={rule.name} shell={shell} section="alerts">
      <p class="crumbs">
        {monitor ? (
          <>
            <a href={`/monitors/${monitor.id}`}>{monitor.name}</a> /{" "}
            <a href={`/monitors/${monitor.id}/alerts`}>Alerts</a>
          </>
        ) : (
          <>
            <a href="/alerts">Alerts</a> / {workspaceName}
          </>
        )}
      </p>
      <div class="head">
        <h1>{rule.name}</h1>
        <div class="actions">
          <a class="button" href={`/alerts/mute?rule=${rule.id}`}>
            Mute
          </a>
          <a class="button danger" href={`/alerts/rules/${rule.id}/delete`}>
            Delete
          </a>
        </div>
      </div>
      {!monitor && <p class="notice">{`It watches every monitor of ${workspaceName}.`}</p>}
      <RuleForm shell={shell} {...form} />
      {monitor && props.monitors.length > 0 && <Copy {...props} />}
    </Layout>,
  );
};

function Copy({ shell, rule, monitors, copied, copyErrors }: RulePageProps) {
  return (
    <section aria-labelledby="copy-heading">
      <h2 id="copy-heading">The same for other monitors</h2>
      {copied !== undefined && (
        <p class="notice" role="status">
          {copied === 1 ? "One monitor has a copy of it now." : `${copied} monitors have a copy of it now.`}
        </p>
      )}
      <Form action={`/alerts/rules/${rule.id}/copy`} csrfToken={shell.csrfToken} class="form">
        <ChooseMonitors
          name="monitors"
          label="Monitors to copy the rule to"
          monitors={monitors}
          chosen={[]}
        />
        {copyErrors?.["monitors"] && (
          <p class="message">
            <span aria-hidden="true">✕ </span>
            {copyErrors["monitors"]}
          </p>
        )}
        <p class="hint">Each gets a rule of its own, which goes its own way afterwards.</p>
        <div class="actions">
          <button type="submit" class="button">
            Copy
          </button>
        </div>
      </Form>
    </section>
  );
}
