/** An authorization that cannot work: nothing is sent without it. */
export class AuthError extends Error {
  override readonly name = "AuthError";
}
