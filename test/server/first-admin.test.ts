import { expect, setDefaultTimeout, test } from "bun:test";

import { admitFirstAdmin } from "../../src/server/first-admin.ts";
import { testDatabase } from "../support/database.ts";

// Starting Postgres takes its time on a busy machine, and Argon2 is slow on purpose.
setDefaultTimeout(120_000);

test.each([
  ["ada@example.test", "short", "A password needs 8 to 1000 characters."],
  ["ada", "long enough", '"ada" is not an e-mail address.'],
])(
  "an admin %p with the password %p is wrong usage that names the variables",
  async (email, password, why) => {
    const database = await testDatabase();

    await expect(admitFirstAdmin(database, { email, password })).rejects.toMatchObject({
      code: "usage",
      message: `APP_ADMIN_EMAIL or APP_ADMIN_PASSWORD cannot be used: ${why}`,
    });
  },
);
