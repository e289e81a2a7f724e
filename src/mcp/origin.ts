const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Whether a browser's page of another site sends this. A page whose name was made to point at our address (DNS
 * rebinding) has its own name in `Origin` and in `Host`, so the two are compared with our public URL, not with each
 * other. Programs send no `Origin`.
 */
export function isForeignOrigin(origin: string | undefined, publicUrl: string): boolean {
  if (origin === undefined) return false;
  if (!URL.canParse(origin)) return true;
  const [sent, own] = [new URL(origin), new URL(publicUrl)];
  if (sent.origin === own.origin) return false;
  const isSamePlace = sent.protocol === own.protocol && sent.port === own.port;
  return !(isSamePlace && LOOPBACK.has(sent.hostname) && LOOPBACK.has(own.hostname));
}
