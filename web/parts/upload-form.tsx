import type { Child } from "hono/jsx";

import type { Shell } from "../layout.tsx";
import { Field, Form, FormMessage, SelectField, TextField, control, type FormErrors } from "./form.tsx";

interface UploadFormProps {
  shell: Shell;
  action: string;
  noun: string;
  hint: Child;
  /** Endings of files; default: what collections and environments come in. */
  accept?: string;
  /** What was pasted before, kept when it was refused. */
  text: string;
  workspaceId?: string | undefined;
  errors?: FormErrors | undefined;
  /** Takes the address of a document, too. */
  takesAddress?: boolean;
}

/** A document as a file or as pasted text. */
export function UploadForm({
  shell,
  action,
  noun,
  hint,
  accept = ".json,.yaml,.yml,.zip,application/json",
  text,
  workspaceId,
  errors,
  takesAddress,
}: UploadFormProps) {
  const chosen = workspaceId ?? shell.workspaceId;
  return (
    <Form action={action} csrfToken={shell.csrfToken} class="form panel" multipart>
      <h2>
        Upload {/^[aeiou]/.test(noun) ? "an" : "a"} {noun}
      </h2>
      <FormMessage errors={errors} />
      {shell.workspaces.length > 1 ? (
        <SelectField
          name="workspace"
          label="Workspace"
          value={chosen}
          errors={errors}
          options={shell.workspaces.map(({ id, name }) => ({ value: id, label: name }))}
        />
      ) : (
        <input type="hidden" name="workspace" value={shell.workspaces[0]?.id ?? ""} />
      )}
      <Field name="file" label="File" errors={errors} hint={hint}>
        <input type="file" accept={accept} {...control("file", errors, true)} />
      </Field>
      {takesAddress && (
        <TextField
          name="url"
          label="or its address"
          value=""
          errors={errors}
          placeholder="https://git.example.test/shop/openapi.yaml"
          hint="The control plane fetches it, without credentials."
        />
      )}
      <Field name="text" label="or paste it" errors={errors}>
        <textarea rows={5} spellcheck={false} {...control("text", errors)}>
          {text}
        </textarea>
      </Field>
      <button type="submit" class="button primary">
        Upload
      </button>
    </Form>
  );
}
