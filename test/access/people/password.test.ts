import { expect, setDefaultTimeout, test } from "bun:test";

import { hashPassword, verifyPassword } from "../../../src/access/people/password.ts";
import { AppError } from "../../../src/lib/errors.ts";

// Argon2 is slow on purpose.
setDefaultTimeout(120_000);

test("a flood of sign-ins is refused in part, and the rest is answered right", async () => {
  const hash = await Bun.password.hash("correct horse", {
    algorithm: "argon2id",
    memoryCost: 8,
    timeCost: 1,
  });

  const results = await Promise.allSettled(
    Array.from({ length: 60 }, (_, index) =>
      verifyPassword(index % 2 === 0 ? "correct horse" : "wrong horse", hash),
    ),
  );

  const refused = results.filter((result) => result.status === "rejected");
  expect(refused).toHaveLength(8);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: "unavailable" });
  expect(refused[0]?.reason).toBeInstanceOf(AppError);
  results.forEach((result, index) => {
    if (result.status === "fulfilled") expect(result.value).toBe(index % 2 === 0);
  });
});

test("after the flood there is room again, even when one of it threw", async () => {
  const broken = Array.from({ length: 4 }, () => verifyPassword("correct horse", "not a hash"));
  await Promise.allSettled(broken);

  expect(await verifyPassword("correct horse", await hashPassword("correct horse"))).toBe(true);
});

test("a user who does not exist has no password", async () => {
  expect(await verifyPassword("nobody has this password", undefined)).toBe(false);
});
