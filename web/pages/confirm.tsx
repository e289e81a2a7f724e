import { Layout, page, type Section, type Shell } from "../layout.tsx";
import { Form } from "../parts/form.tsx";

export interface ConfirmProps {
  shell: Shell;
  section?: Section | undefined;
  title: string;
  /** What goes away with it. */
  consequence: string;
  action: string;
  /** Label of the button: names the deed and the thing. */
  label: string;
  back: string;
}

/** Asks before something is gone for good. */
export const confirmPage = ({ shell, section, ...props }: ConfirmProps) =>
  page(
    <Layout title={props.title} shell={shell} section={section}>
      <div class="confirm">
        <h1>{props.title}</h1>
        <p>{props.consequence}</p>
        <Form action={props.action} csrfToken={shell.csrfToken} class="actions">
          <button type="submit" class="button danger solid">
            {props.label}
          </button>
          <a class="button" href={props.back}>
            Keep it
          </a>
        </Form>
      </div>
    </Layout>,
  );
