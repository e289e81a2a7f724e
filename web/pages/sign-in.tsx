import { assetUrl } from "../embed.ts";
import { Layout, page } from "../layout.tsx";
import { Form, FormMessage, TextField, type FormErrors } from "../parts/form.tsx";

export interface SignInProps {
  csrfToken: string;
  email: string;
  /** Path to go to afterwards. */
  next?: string | undefined;
  errors?: FormErrors;
  /** Nobody can sign in yet: the set-up link comes first. */
  isFresh?: boolean;
}

export const signInPage = ({ csrfToken, email, next, errors, isFresh }: SignInProps) =>
  page(
    <Layout title="Sign in">
      <Form action="/sign-in" csrfToken={csrfToken} class="form card">
        <img src={assetUrl("icon.svg")} width="40" height="40" alt="" />
        <h1>Sign in to Sallyport</h1>
        <FormMessage errors={errors} />
        {isFresh && (
          <p class="notice">
            There is no user yet. Open the set-up link that the program printed when it started; restarting it
            prints a new one.
          </p>
        )}
        {next && <input type="hidden" name="next" value={next} />}
        <TextField
          name="email"
          label="Email"
          type="email"
          value={email}
          errors={errors}
          required
          autocomplete="username"
          autofocus={email === ""}
        />
        <TextField
          name="password"
          label="Password"
          type="password"
          errors={errors}
          required
          autocomplete="current-password"
          autofocus={email !== ""}
        />
        <button type="submit" class="button primary">
          Sign in
        </button>
      </Form>
    </Layout>,
  );

export interface SetupProps {
  csrfToken: string;
  token: string;
  values: { email: string; name: string };
  errors?: FormErrors;
}

/** Creates the first user; reached by the link that the program prints at its first start. */
export const setupPage = ({ csrfToken, token, values, errors }: SetupProps) =>
  page(
    <Layout title="Set up">
      <Form action="/setup" csrfToken={csrfToken} class="form card">
        <img src={assetUrl("icon.svg")} width="40" height="40" alt="" />
        <h1>Welcome to Sallyport</h1>
        <p class="dim">Create the administrator of this installation. The link to this page works once.</p>
        <FormMessage errors={errors} />
        <input type="hidden" name="token" value={token} />
        <TextField
          name="name"
          label="Your name"
          value={values.name}
          errors={errors}
          required
          autocomplete="name"
          autofocus
        />
        <TextField
          name="email"
          label="Email"
          type="email"
          value={values.email}
          errors={errors}
          required
          autocomplete="username"
        />
        <TextField
          name="password"
          label="Password"
          type="password"
          errors={errors}
          required
          autocomplete="new-password"
          hint="At least 8 characters."
        />
        <button type="submit" class="button primary">
          Create administrator
        </button>
      </Form>
    </Layout>,
  );
