import { type Command, Option } from "commander";

import { createUser, findUserByEmail, listUsers, setPassword } from "../access/people/store.ts";
import type { StorageOptions } from "../lib/config.ts";
import { AppError } from "../lib/errors.ts";
import { newToken } from "../lib/ids.ts";
import { formatTable } from "./client/table.ts";
import type { CommandContext } from "./context.ts";
import { commandActor, withDatabase, withStorageOptions } from "./storage.ts";

interface UserOptions extends StorageOptions {
  email: string;
  password?: string;
  json?: true;
}

interface CreateOptions extends UserOptions {
  name?: string;
  role: "admin" | "member";
}

/** Users, on the machine of the control plane and without a sign-in. */
export function define(command: Command, context: CommandContext): void {
  withStorageOptions(command.command("create"))
    .description("create a user; without --password one is made and printed, once")
    .requiredOption("--email <email>", "e-mail to sign in with")
    .option("--name <name>", "name to show; without it the e-mail")
    .addOption(
      new Option("--role <role>", "what the user may do").choices(["admin", "member"]).default("member"),
    )
    .option("--password <password>", "better given as APP_PASSWORD: others can list arguments")
    .option("--json", "print the result as JSON")
    .action((options: CreateOptions) => create(options, context));

  withStorageOptions(command.command("list"))
    .description("list users")
    .option("--json", "print the result as JSON")
    .action(async (options: StorageOptions & { json?: true }) => {
      const users = await withDatabase(options, context, listUsers);
      const rows = users.map(({ id, email, name, role, createdAt }) => [
        String(id),
        email,
        name,
        role,
        createdAt.toISOString(),
      ]);
      context.print(
        options.json
          ? JSON.stringify(users)
          : formatTable([["ID", "E-MAIL", "NAME", "ROLE", "CREATED"], ...rows]),
      );
    });

  withStorageOptions(command.command("reset-password"))
    .description(
      "give a user a new password and end all sessions; without --password one is made and printed",
    )
    .requiredOption("--email <email>", "whose")
    .option("--password <password>", "better given as APP_PASSWORD: others can list arguments")
    .option("--json", "print the result as JSON")
    .action((options: UserOptions) => resetPassword(options, context));
}

async function create(options: CreateOptions, context: CommandContext): Promise<void> {
  const { email, role, name = email } = options;
  const password = options.password ?? newToken();
  const user = await withDatabase(options, context, (database) =>
    createUser(database, commandActor, { email, name, role, password }),
  );
  printPassword(
    `Created the ${role} ${user.email}.`,
    { email, password, json: options.json, isGiven: options.password !== undefined },
    context,
  );
}

async function resetPassword(options: UserOptions, context: CommandContext): Promise<void> {
  const { email } = options;
  const password = options.password ?? newToken();
  await withDatabase(options, context, async (database) => {
    const user = await findUserByEmail(database, email);
    if (!user) {
      throw new AppError(
        "not_found",
        `There is no user with the e-mail ${email}: the command user list prints all.`,
      );
    }
    await setPassword(database, commandActor, user.id, password);
  });
  printPassword(
    `Changed the password of ${email}.`,
    { email, password, json: options.json, isGiven: options.password !== undefined },
    context,
  );
}

/** A password that we made is shown once; one that was given is not repeated. */
function printPassword(
  sentence: string,
  {
    email,
    password,
    json,
    isGiven,
  }: { email: string; password: string; json: true | undefined; isGiven: boolean },
  { print, note }: CommandContext,
): void {
  const made = isGiven ? {} : { password };
  if (json) return print(JSON.stringify({ email, ...made }));
  if (isGiven) return print(sentence);
  note(`${sentence} The password, shown only now:`);
  print(password);
}
