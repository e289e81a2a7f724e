import { assetUrl } from "../embed.ts";
import { Layout, page } from "../layout.tsx";
import { Form, type FormErrors, FormMessage, TextField } from "../parts/form.tsx";

interface LinkFormProps {
  csrfToken: string;
  token: string;
  /** Whom the link is for. */
  email: string;
  errors?: FormErrors | undefined;
}

/** What an invitation leads to. */
export const invitationPage = ({ csrfToken, token, email, name, errors }: LinkFormProps & { name: string }) =>
  page(
    <Layout title="Join">
      <Form action="/invitation" csrfToken={csrfToken} class="form card">
        <img src={assetUrl("icon.svg")} width="40" height="40" alt="" />
        <h1>Join Sallyport</h1>
        <p class="dim">You are invited as {email}. The link to this page works once.</p>
        <FormMessage errors={errors} />
        <Hidden token={token} email={email} />
        <TextField
          name="name"
          label="Your name"
          value={name}
          errors={errors}
          required
          autocomplete="name"
          autofocus
        />
        <Password errors={errors} />
        <button type="submit" class="button primary">
          Join
        </button>
      </Form>
    </Layout>,
  );

/** What a link to a new password leads to. */
export const newPasswordPage = ({ csrfToken, token, email, errors }: LinkFormProps) =>
  page(
    <Layout title="New password">
      <Form action="/reset-password" csrfToken={csrfToken} class="form card">
        <img src={assetUrl("icon.svg")} width="40" height="40" alt="" />
        <h1>Set a new password</h1>
        <p class="dim">For {email}. Every session of yours ends, and this one begins.</p>
        <FormMessage errors={errors} />
        <Hidden token={token} email={email} />
        <Password errors={errors} />
        <button type="submit" class="button primary">
          Set password
        </button>
      </Form>
    </Layout>,
  );

/** The e-mail is there for password managers only: they ask whose password it is. */
function Hidden({ token, email }: { token: string; email: string }) {
  return (
    <>
      <input type="hidden" name="token" value={token} />
      <input type="hidden" name="email" value={email} autocomplete="username" />
    </>
  );
}

function Password({ errors }: { errors: FormErrors | undefined }) {
  return (
    <TextField
      name="password"
      label="Password"
      type="password"
      errors={errors}
      required
      autocomplete="new-password"
      hint="At least 8 characters."
    />
  );
}
