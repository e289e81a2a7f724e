/** Text as it may stand in XML: escaped, and without the characters that XML cannot hold at all. */
export const escapeXml = (text: string): string =>
  text
    .replaceAll(/[^\P{Cc}\n\r\t]|[\ufffe\uffff]|\p{Cs}/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
