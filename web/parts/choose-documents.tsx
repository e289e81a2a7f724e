import { type FormErrors, SelectField } from "./form.tsx";

/** A collection or an environment that a form offers. */
export interface DocumentChoice {
  id: string;
  name: string;
  workspaceName: string;
}

interface ChooseDocumentsProps {
  collections: DocumentChoice[];
  environments: DocumentChoice[];
  values: { collection: string; environment: string };
  errors?: FormErrors | undefined;
}

const optionsOf = (choices: DocumentChoice[]) =>
  choices.map(({ id, name, workspaceName }) => ({
    value: id,
    label: workspaceName === "" ? name : `${name} · ${workspaceName}`,
  }));

/** The collection that something is about, and the environment that goes with it. */
export function ChooseDocuments({ collections, environments, values, errors }: ChooseDocumentsProps) {
  return (
    <>
      <SelectField
        name="collection"
        label="Collection"
        value={values.collection}
        errors={errors}
        options={optionsOf(collections)}
      />
      <SelectField
        name="environment"
        label="Environment"
        value={values.environment}
        errors={errors}
        hint="Of the same workspace."
        options={[{ value: "", label: "None" }, ...optionsOf(environments)]}
      />
    </>
  );
}
