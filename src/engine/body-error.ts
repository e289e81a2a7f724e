/** A body that cannot be built. */
export class BodyError extends Error {
  override readonly name = "BodyError";
}
