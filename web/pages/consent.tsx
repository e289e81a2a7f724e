import { assetUrl } from "../embed.ts";
import { Layout, page } from "../layout.tsx";
import { Form, FormMessage, type FormErrors } from "../parts/form.tsx";

export interface ConsentProps {
  csrfToken: string;
  /** Whom the program would act for. */
  email: string;
  /** As the program calls itself. */
  client: string;
  /** Where the answer goes. */
  target: string;
  /** What it asks for, as `<area>:read` and `<area>:write`. */
  scopes: string[];
  /** What goes back with the form. */
  parameters: Record<string, string>;
  errors?: FormErrors;
}

/** Asks whether a program may act for the person who is signed in. */
export const consentPage = ({ csrfToken, email, client, target, scopes, parameters, errors }: ConsentProps) =>
  page(
    <Layout title="Allow access">
      <Form action="/oauth/authorize" csrfToken={csrfToken} class="form card">
        <img src={assetUrl("icon.svg")} width="40" height="40" alt="" />
        <h1>Allow “{client}”?</h1>
        <FormMessage errors={errors} />
        <p>
          It would act as <strong>{email}</strong> and never with more rights than you have. The answer goes
          to <strong>{target}</strong>.
        </p>
        <p class="notice warn">
          Anybody can give a program this name. Go on only if you have just started it yourself.
        </p>
        {Object.entries(parameters)
          .filter(([, value]) => value !== "")
          .map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
        <fieldset>
          <legend>It may do</legend>
          <table class="scopes">
            {areasOf(scopes).map((area) => (
              <tr>
                <th scope="row">{area}</th>
                <td>
                  <ScopeBox scopes={scopes} scope={`${area}:read`} label="read" />
                </td>
                <td>
                  <ScopeBox scopes={scopes} scope={`${area}:write`} label="write" />
                </td>
              </tr>
            ))}
          </table>
        </fieldset>
        <p class="actions">
          <button type="submit" name="decision" value="allow" class="button primary">
            Allow
          </button>{" "}
          <button type="submit" name="decision" value="deny" class="button">
            Deny
          </button>
        </p>
        <p class="hint">You can take it back at any time under “Connected programs”.</p>
      </Form>
    </Layout>,
  );

/** Nothing for what the program did not ask for. */
function ScopeBox({ scopes, scope, label }: { scopes: string[]; scope: string; label: string }) {
  if (!scopes.includes(scope)) return null;
  return (
    <label class="check">
      <input type="checkbox" name="scopes" value={scope} checked /> {label}
    </label>
  );
}

const areasOf = (scopes: string[]): string[] => [
  ...new Set(scopes.map((scope) => scope.split(":")[0] ?? "")),
];
