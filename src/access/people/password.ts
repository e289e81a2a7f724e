import { AppError } from "../../lib/errors.ts";

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
  return await takeTurn(() => Bun.password.hash(password, "argon2id"));
}

let decoy: Promise<string> | undefined;

/**
 * True when the password fits. Without a hash (unknown user) it takes as long and is false, so that time tells nothing.
 * Throws `unavailable` when too many wait.
 */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  if (password.length > MAX_LENGTH) return false;
  decoy ??= Bun.password.hash("nobody has this password", "argon2id");
  const known = hash ?? (await decoy);
  const fits = await takeTurn(() => Bun.password.verify(password, known));
  return hash !== undefined && fits;
}

/** Each argon2id holds 64 MB: unlimited, a hundred sign-ins at once would take the server's memory. */
const MAX_AT_ONCE = 2;
const MAX_WAITING = 50;

let running = 0;
const waiting: (() => void)[] = [];

async function takeTurn<T>(act: () => Promise<T>): Promise<T> {
  if (running >= MAX_AT_ONCE) {
    if (waiting.length >= MAX_WAITING) {
      throw new AppError("unavailable", "Too many people are signing in; try again in a few seconds.");
    }
    // Whoever finishes hands over its place, so `running` stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running++;
  try {
    return await act();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}
