import { type Context, Hono } from "hono";

import { channelFormPage, type ChannelFormProps, type ChannelValues } from "../../web/pages/channel-form.tsx";
import { type ChannelKind, channelKinds } from "../../web/pages/channel-kinds.tsx";
import { channelsPage, type MailServer } from "../../web/pages/channels.tsx";
import { confirmPage } from "../../web/pages/confirm.tsx";
import type { FormErrors } from "../../web/parts/form.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { parseFields } from "../access/fields.ts";
import { formErrorsOf, passOnForbidden, readForm } from "../access/pages-form.ts";
import { requireAdmin } from "../access/rights.ts";
import { AppError } from "../lib/errors.ts";
import { newId } from "../lib/ids.ts";
import { loadShell, workspaceName } from "../workspaces/pages-shell.ts";
import { type Channel, channelInput } from "./channel.ts";
import { reachChannel } from "./channels-api.ts";
import { createChannel, deleteChannel, listChannels, updateChannel } from "./channels-store.ts";
import { monitorsOfChannel, usageOfChannels } from "./channels-usage.ts";
import { queueMessage } from "./outbox.ts";
import { configOf, emptyValues, fieldOfParam, sentValues, storedValues } from "./pages-channel-values.ts";
import { kindNames } from "./pages-words.ts";
import { sendTest, testMessage, type TestResult } from "./test-message.ts";

/** What pages say about the mail server of the installation. */
export interface MailSettings {
  /** Absent: no mail is sent. */
  mail?: { server: string; from: string } | undefined;
}

/** `/alerts/channels`: list, new, edit, test, delete; for admins also how mail is sent. */
export function channelPages(deps: Deps, { mail }: MailSettings): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get("/alerts/channels", async (c) => {
    const shell = await loadShell(c, deps);
    const { isAdmin } = shell.user;
    const filter = shell.workspaceId === undefined ? {} : { workspaceId: shell.workspaceId };
    const found = await listChannels(database, c.get("actor"), filter);
    const usage = await usageOfChannels(
      database,
      found.map(({ id }) => id),
    );
    const places = placesOf(shell);
    const rows = found.map((channel) => ({
      id: channel.id,
      name: channel.name,
      kindName: kindNames[channel.kind],
      target: channel.shownTarget,
      active: channel.active,
      workspaceName: channel.workspaceId === null ? null : workspaceName(shell, channel.workspaceId),
      ...(usage.get(channel.id) ?? { rules: 0, lastSent: null }),
      mayChange: places.some(({ value }) => value === (channel.workspaceId ?? "")),
    }));
    const server: MailServer = {
      configured: mail,
      email: shell.user.email,
      isTested: c.req.query("mail") === "tested",
    };
    return c.html(
      channelsPage({ shell, rows, mail: isAdmin ? server : undefined, mayCreate: places.length > 0 }),
    );
  });

  routes.get("/alerts/channels/new", async (c) => {
    const kind = kindOf(c);
    const shell = await loadShell(c, deps);
    const first = shell.workspaceId ?? placesOf(shell).at(-1)?.value ?? "";
    return show(c, { kind, values: emptyValues(first) });
  });

  routes.post("/alerts/channels", async (c) => {
    const kind = kindOf(c);
    const values = sentValues(await readForm(c));
    try {
      const input = parseFields(channelInput, {
        name: values.name,
        config: configOf(kind, values) ?? { kind },
      });
      const workspaceId = values.workspaceId === "" ? await defaultPlace(c) : values.workspaceId;
      const { id } = await createChannel(deps, c.get("actor"), { ...input, workspaceId });
      return c.redirect(`/alerts/channels/${id}`, 303);
    } catch (error) {
      passOnForbidden(error);
      return show(c, { kind, values, errors: errorsOf(error) });
    }
  });

  routes.get("/alerts/channels/:id", async (c) => {
    const channel = await open(c);
    return show(c, { kind: channel.kind, channel, values: storedValues(channel) });
  });

  routes.post("/alerts/channels/:id", async (c) => {
    const channel = await open(c);
    const values = sentValues(await readForm(c));
    try {
      const config = configOf(channel.kind, values);
      const input = parseFields(channelInput.partial(), { name: values.name, ...(config && { config }) });
      const { name } = input;
      await updateChannel(deps, c.get("actor"), channel.id, {
        active: values.active,
        ...(name !== undefined && { name }),
        ...(input.config && { config: input.config }),
      });
      return c.redirect(`/alerts/channels/${channel.id}`, 303);
    } catch (error) {
      passOnForbidden(error);
      return show(c, { kind: channel.kind, channel, values, errors: errorsOf(error) });
    }
  });

  // Answers with the page itself: the answer of the receiver belongs to this one request.
  routes.post("/alerts/channels/:id/test", async (c) => {
    const channel = await open(c);
    const test = await sendTest(deps, c.get("actor"), channel.id);
    return show(c, { kind: channel.kind, channel, values: storedValues(channel), test });
  });

  routes.get("/alerts/channels/:id/delete", async (c) => {
    const { id, name } = await open(c);
    return c.html(
      confirmPage({
        shell: await loadShell(c, deps),
        section: "alerts",
        title: `Delete ${name}?`,
        consequence: consequenceOf(await monitorsOfChannel(database, id)),
        action: `/alerts/channels/${id}/delete`,
        label: `Delete ${name}`,
        back: `/alerts/channels/${id}`,
      }),
    );
  });

  routes.post("/alerts/channels/:id/delete", async (c) => {
    const { id } = await open(c);
    await deleteChannel(deps, c.get("actor"), id);
    return c.redirect("/alerts/channels", 303);
  });

  routes.post("/alerts/mail/test", async (c) => {
    const actor = c.get("actor");
    requireAdmin(actor);
    const message = testMessage(deps.publicUrl, deps.clock.now(), { channel: "e-mail", person: actor.name });
    await database.sql.begin((tx) =>
      queueMessage(tx, {
        message,
        workspaceId: null,
        alertId: newId(),
        channelIds: [],
        recipients: [actor.email],
      }),
    );
    return c.redirect("/alerts/channels?mail=tested", 303);
  });

  const open = (c: Context<AppEnv>): Promise<Channel> =>
    reachChannel(deps, c.get("actor"), { id: c.req.param("id") ?? "", role: "editor" });

  const show = async (c: Context<AppEnv>, draft: Draft) => {
    const shell = await loadShell(c, deps);
    const { channel, kind } = draft;
    const props: ChannelFormProps = {
      shell,
      kind,
      values: draft.values,
      places: placesOf(shell),
      lacksMail: kind === "email" && mail === undefined,
      ...(channel && {
        channel: {
          id: channel.id,
          name: channel.name,
          target: channel.shownTarget,
          workspaceName: channel.workspaceId === null ? null : workspaceName(shell, channel.workspaceId),
        },
      }),
      ...(draft.test && { test: draft.test }),
      ...(draft.errors && { errors: draft.errors }),
    };
    return c.html(channelFormPage(props), draft.errors ? 400 : 200);
  };

  /** Who may make channels in one place only is not asked where. */
  async function defaultPlace(c: Context<AppEnv>): Promise<string | null> {
    const places = placesOf(await loadShell(c, deps));
    return places.length === 1 ? places[0]?.value || null : null;
  }

  return routes;
}

interface Draft {
  kind: ChannelKind;
  channel?: Channel;
  values: ChannelValues;
  test?: TestResult;
  errors?: FormErrors;
}

/** Where the person may make channels; the empty one is for every workspace. */
function placesOf(shell: ChannelFormProps["shell"]): { value: string; label: string }[] {
  const editable = shell.workspaces.filter((workspace) => workspace.isReadOnly !== true);
  const own = editable.map(({ id, name }) => ({ value: id, label: name }));
  return shell.user.isAdmin ? [{ value: "", label: "Every workspace" }, ...own] : own;
}

function kindOf(c: Context<AppEnv>): ChannelKind {
  const found = channelKinds.find(({ kind }) => kind === c.req.query("kind"));
  if (!found) throw new AppError("not_found", "There is no such kind of channel; choose one of the list.");
  return found.kind;
}

/** Of a form that has fields for them; anything else is said on top. */
function errorsOf(error: unknown): FormErrors {
  const [[param, message] = ["", ""]] = Object.entries(formErrorsOf(error));
  return { [fieldOfParam(param)]: message };
}

const names = new Intl.ListFormat("en");

function consequenceOf(monitors: string[]): string {
  if (monitors.length === 0) return "No rule uses it. What waits to be sent through it is dropped.";
  const shown = monitors.slice(0, 10).map((name) => name || "a whole workspace");
  const list = names.format(monitors.length > 10 ? [...shown, "others"] : shown);
  return `Rules of ${list} will not tell anybody through it any more. What waits to be sent is dropped; what is open there is closed first.`;
}
