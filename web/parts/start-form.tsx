import type { Child } from "hono/jsx";

import type { Shell } from "../layout.tsx";
import { Form, FormMessage, type FormErrors } from "./form.tsx";

interface Named {
  id: string;
  name: string;
}

export interface StartProps {
  shell: Shell;
  /** A step that is not done is undefined. */
  progress: {
    workspace: Named | undefined;
    collection: Named | undefined;
    environment: Named | "none" | undefined;
    runners: { healthy: Named[]; awaited: Named | undefined };
    monitor: Named | undefined;
    run: { id: string; status: string; detail: string | null } | undefined;
  };
  /** Of this page, with all that was chosen. */
  address: string;
  /** Variables that the collection uses and nothing in it defines. */
  openVariables: string[];
  timezones: string[];
  /** What was typed before it was refused. */
  sent: (name: string) => string;
  errors?: FormErrors;
  /** Right after a runner was made: shown once. */
  startCommand?: string;
  runnerName?: string;
}

/** The form of a step: what was chosen so far goes with it. */
export function StepForm({
  step,
  label,
  children,
  ...props
}: StartProps & { step: string; label: string; children?: Child }) {
  const chosen = new URL(props.address, "http://start").searchParams;
  return (
    <Form
      action={`/start/${step}`}
      csrfToken={props.shell.csrfToken}
      class="form"
      multipart={step === "collection"}
    >
      {[...chosen].map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <FormMessage errors={props.errors} />
      {children}
      <div class="actions">
        <button type="submit" class="button primary">
          {label}
        </button>
      </div>
    </Form>
  );
}
