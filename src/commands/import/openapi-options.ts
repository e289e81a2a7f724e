import type { OpenApiOptions } from "../../engine/formats/openapi.ts";
import { AppError } from "../../lib/errors.ts";

const yesOrNo = ["true", "false"];

/** Postman's names and what each takes. */
const allowed: Record<keyof OpenApiOptions, string[]> = {
  folderStrategy: ["Paths", "Tags"],
  requestNameSource: ["Fallback", "URL"],
  parametersResolution: ["Schema", "Example"],
  nestedFolderHierarchy: yesOrNo,
  includeDeprecated: yesOrNo,
  enableOptionalParameters: yesOrNo,
  alwaysInheritAuthentication: yesOrNo,
  keepImplicitHeaders: yesOrNo,
};

export const openApiOptionNames = Object.keys(allowed);

/** Reads `name=value` texts. Throws `usage` that says what there is. */
export function toOpenApiOptions(texts: string[]): OpenApiOptions {
  // Names and values were compared with the table above, whose keys are those of the type.
  return Object.fromEntries(texts.map(toOption));
}

function toOption(text: string): [name: string, value: string | boolean] {
  const at = text.indexOf("=");
  const name = text.slice(0, Math.max(at, 0));
  const value = text.slice(at + 1);
  if (!isName(name))
    throw new AppError(
      "usage",
      `--openapi-option takes name=value with one of ${openApiOptionNames.join(", ")}, not "${text}".`,
    );
  if (!allowed[name].includes(value))
    throw new AppError(
      "usage",
      `--openapi-option ${name} takes ${allowed[name].join(" or ")}, not "${value}".`,
    );
  return [name, allowed[name] === yesOrNo ? value === "true" : value];
}

const isName = (name: string): name is keyof OpenApiOptions => Object.hasOwn(allowed, name);
