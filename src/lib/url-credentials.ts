/** `user:password` of a URL, decoded; undefined when it has neither. */
export function credentialsOf({ username, password }: URL): string | undefined {
  return username === "" && password === "" ? undefined : `${decoded(username)}:${decoded(password)}`;
}

/** The same address for a message or a log; works on texts that are no URL, too. */
export const maskCredentials = (text: string): string =>
  text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/?#]*@/i, "$1***@");

/** A percent sign that begins no escape stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
