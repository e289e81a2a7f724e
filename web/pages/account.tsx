import { Layout, page, type Shell } from "../layout.tsx";
import { Form, type FormErrors, FormMessage, TextField } from "../parts/form.tsx";

export interface AccountProps {
  shell: Shell;
  /** What was just changed. */
  saved?: "name" | "password" | undefined;
  nameErrors?: FormErrors | undefined;
  passwordErrors?: FormErrors | undefined;
}

const savedWords = {
  name: "Your name is saved.",
  password: "Your password is changed, and every other session has ended.",
};

export const accountPage = ({ shell, saved, nameErrors, passwordErrors }: AccountProps) =>
  page(
    <Layout title="Account" shell={shell}>
      <div class="head">
        <h1>Account</h1>
      </div>
      {saved && (
        <p class="notice" role="status">
          {savedWords[saved]}
        </p>
      )}
      <Form action="/account/name" csrfToken={shell.csrfToken} class="form panel">
        <h2>{shell.user.email}</h2>
        <FormMessage errors={nameErrors} />
        <TextField
          name="name"
          label="Name"
          value={shell.user.name}
          errors={nameErrors}
          required
          autocomplete="name"
        />
        <button type="submit" class="button">
          Save name
        </button>
      </Form>
      <Form action="/account/password" csrfToken={shell.csrfToken} class="form panel">
        <h2>Password</h2>
        <FormMessage errors={passwordErrors} />
        <TextField
          name="current"
          label="Present password"
          type="password"
          errors={passwordErrors}
          required
          autocomplete="current-password"
        />
        <TextField
          name="password"
          label="New password"
          type="password"
          errors={passwordErrors}
          required
          autocomplete="new-password"
          hint="At least 8 characters. Every other session ends."
        />
        <button type="submit" class="button">
          Change password
        </button>
      </Form>
      <Form action="/account/sign-out-everywhere" csrfToken={shell.csrfToken} class="form panel">
        <h2>Sessions</h2>
        <p>Ends this session and those of all other browsers. API keys go on working.</p>
        <button type="submit" class="button danger">
          Sign out everywhere
        </button>
      </Form>
    </Layout>,
  );
