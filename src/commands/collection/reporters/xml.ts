/** Characters that XML 1.0 has no way to write. */
// eslint-disable-next-line no-control-regex
const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const legal = (text: string): string => text.toWellFormed().replaceAll(illegal, "\ufffd");

/** Text between tags or in an attribute; line ends survive in both. */
export const escapeXml = (text: string): string =>
  legal(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\r", "&#13;");

const escapeAttribute = (text: string): string =>
  escapeXml(text).replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");

export const cdata = (text: string): string =>
  `<![CDATA[${legal(text).replaceAll("]]>", "]]]]><![CDATA[>")}]]>`;

/** ` name="value"` for each, ready to stand after the name of a tag. */
export const attributes = (values: Record<string, string | number>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeAttribute(String(value))}"`)
    .join("");
