import { AppError } from "../lib/errors.ts";

const MIN_LENGTH = 8;
/** Argon2 reads the whole text: without a bound, one long password is a cheap way to burn CPU. */
const MAX_LENGTH = 1000;

/** Argon2id of a password that is fit to be used; 400 when it is too short or too long. */
export async function hashPassword(password: string): Promise<string> {
  if (password.length < MIN_LENGTH || password.length > MAX_LENGTH) {
    throw new AppError("bad_request", `A password needs ${MIN_LENGTH} to ${MAX_LENGTH} characters.`, {
      name: "invalidParamsError",
      details: { param: "password" },
    });
  }
  return await Bun.password.hash(password, "argon2id");
}

let decoy: Promise<string> | undefined;

/** True when the password fits. Without a hash (unknown user) it takes as long and is false, so that time tells nothing. */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  if (password.length > MAX_LENGTH) return false;
  decoy ??= Bun.password.hash("nobody has this password", "argon2id");
  const fits = await Bun.password.verify(password, hash ?? (await decoy));
  return hash !== undefined && fits;
}
