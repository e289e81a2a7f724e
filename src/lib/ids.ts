import { createHash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";

export const newId = (): string => randomUUID();

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => uuidPattern.test(text);

/** Postman's uid: `<owner's numeric id>-<uuid>`. */
export const toUid = (ownerId: number, id: string): string => `${ownerId}-${id}`;

/** The uuid inside an id or a uid, lower case; undefined when the text is neither. */
export function bareId(idOrUid: string): string | undefined {
  // Whole ids first: every fiftieth uuid begins with eight digits, which would pass for an owner.
  const id = isUuid(idOrUid) ? idOrUid : idOrUid.replace(/^\d+-/, "");
  return isUuid(id) ? id.toLowerCase() : undefined;
}

/** An API key in the form that Postman's clients and secret scanners know. */
export const newApiKey = (): string =>
  `PMAK-${randomBytes(12).toString("hex")}-${randomBytes(17).toString("hex")}`;

/** A runner's key: 256 random bits behind a prefix that secret scanners can find. */
export const newRunnerKey = (): string => `sprk_${randomBytes(32).toString("base64url")}`;

/** A random URL-safe token, 256 bits: sessions, set-up links, CSRF. */
export const newToken = (): string => randomBytes(32).toString("base64url");

/** Keys and tokens are random, so a plain SHA-256 (hex) is enough to keep them unreadable at rest. */
export const hashSecret = (secret: string): string => createHash("sha256").update(secret).digest("hex");

export function equalInConstantTime(left: string, right: string): boolean {
  const a = createHash("sha256").update(left).digest();
  const b = createHash("sha256").update(right).digest();
  return timingSafeEqual(a, b);
}
