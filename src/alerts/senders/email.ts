import type { AlertMessage } from "../message.ts";
import type { SendMail } from "./mailer.ts";
import { DeliveryError, type Parcel, type Receipt, type Sender } from "./sender.ts";
import { markOf, partsOf, type TextPart } from "./text.ts";

export const sendEmail: Sender<"email"> = ({ sendMail }, { recipients }, parcel) =>
  mailParcel(sendMail, recipients, parcel);

/** Also for the addresses that stand in a monitor. */
export async function mailParcel(
  sendMail: SendMail | undefined,
  recipients: readonly string[],
  { id, alertId, message }: Parcel,
): Promise<Receipt> {
  if (!sendMail) {
    throw new DeliveryError(
      "This installation has no mail server: start it with --smtp-url and --smtp-from.",
      {
        mayRetry: true,
      },
    );
  }
  return await sendMail({
    to: recipients,
    subject: `${markOf(message)} ${message.title}`,
    text: textOf(message),
    html: htmlOf(message),
    id,
    threadId: alertId,
  });
}

export function textOf(message: AlertMessage): string {
  const parts = partsOf(message).map(({ heading, lines }) =>
    heading === null ? lines.join("\n") : `${heading}:\n${lines.map((line) => `  ${line}`).join("\n")}`,
  );
  const links = message.links.map(({ label, url }) => `${label}: ${url}`).join("\n");
  return [message.title, ...parts, links].filter((part) => part !== "").join("\n\n");
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? "");

const colours = { critical: "#b42318", warning: "#8a5a00", info: "#1f6f43" } as const;

/** Plain enough for every mail program: no pictures, nothing that is fetched. */
export function htmlOf(message: AlertMessage): string {
  const links = message.links.map(
    ({ label, url }) => `<a href="${escapeHtml(url)}" style="margin-right:16px">${escapeHtml(label)}</a>`,
  );
  return `<!doctype html><html lang="en"><body style="font:15px/1.5 system-ui,sans-serif;color:#1a1a1a;margin:16px">
<h1 style="font-size:18px;margin:0 0 8px;color:${colours[message.severity]}">${escapeHtml(`${markOf(message)} ${message.title}`)}</h1>
${partsOf(message).map(htmlPart).join("\n")}
<p style="margin:16px 0 0">${links.join("\n")}</p>
</body></html>`;
}

function htmlPart({ heading, lines }: TextPart): string {
  const shown = lines.map(escapeHtml).join("<br>");
  if (heading === null) return `<p style="margin:0 0 12px">${shown}</p>`;
  return `<p style="margin:0 0 12px"><strong>${escapeHtml(heading)}</strong><br>${shown}</p>`;
}
