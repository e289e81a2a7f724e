import { eventually } from "./eventually.ts";
import { admin, type ApiCall, type Installation, startInstallation, startRunner } from "./installation.ts";
import { runApp } from "./processes.ts";
import { bookshop, openapi, startShop } from "./tour-content.ts";

/** Every place of the tour. */
export const placeNames = [
  "overview",
  "overview in folders",
  "overview with a filter",
  "overview without a match",
  "overview of an empty workspace",
  "start",
  "monitor",
  "monitor that passes",
  "monitor without a run",
  "monitor activity",
  "monitor ledger",
  "monitor export",
  "monitor report",
  "monitor alerts",
  "monitor new",
  "monitor edit",
  "monitor delete",
  "reports",
  "run",
  "run that passed",
  "run step",
  "run console",
  "runners",
  "runner",
  "runner edit",
  "runner new",
  "runner reset key",
  "runner delete",
  "runner programs",
  "workspaces",
  "workspace",
  "workspace delete",
  "globals",
  "globals edit",
  "globals revisions",
  "globals revision",
  "keys",
  "audit",
  "users",
  "user remove",
  "account",
  "connected apps",
  "reference",
  "reference of a group",
  "no such page",
  "collections",
  "collection",
  "collection item",
  "collection item edit",
  "collection item duplicate",
  "collection item move",
  "collection item delete",
  "collection add",
  "collection edit",
  "collection compatibility",
  "collection revisions",
  "collection revision",
  "collection delete",
  "environments",
  "environment",
  "environment edit",
  "environment revisions",
  "environment revision",
  "environment delete",
  "alerts",
  "alert channels",
  "alert channel",
  "alert channel new",
  "alert channel delete",
  "alert rule new",
  "alert rule",
  "alert rule delete",
  "alert mute",
  "summaries",
  "maintenance",
  "maintenance new",
  "maintenance window",
  "maintenance delete",
  "status pages",
  "status page new",
  "status page monitors",
  "status page settings",
  "status page delete",
  "incidents",
  "incident new",
  "incident",
  "incident delete",
  "public status",
  "public status history",
  "mocks",
  "mock",
  "mock delete",
  "webhooks",
  "webhook delete",
  "specs",
  "spec",
  "spec delete",
  "key",
] as const;
export type PlaceName = (typeof placeNames)[number];

/** An installation with something on every page, and where each page is. */
export interface Tour {
  installation: Installation;
  /** Paths by what they show; each is a page that somebody who has signed in can open. */
  places: Record<PlaceName, string>;
  stop(): Promise<void>;
}

interface TourOptions {
  /** Runs of each monitor. */
  runs: number;
}

/** The real program with a runner, two workspaces and what people keep in them. */
export async function startTour({ runs }: TourOptions): Promise<Tour> {
  const target = startShop();
  const installation = await startInstallation();
  const { call } = installation;
  const shop = await makeWorkspace(call, "Shop");
  const logistics = await makeWorkspace(call, "Logistics");
  const documents = await makeDocuments(call, shop, target.url);
  const runner = await makeRunner(call, "Berlin datacenter");
  const silent = await makeRunner(call, "Lisbon datacenter");
  startRunner(installation.address, runner);
  await eventually(
    async () => {
      const { runner: seen } = await call<{ runner: { health: string } }>("GET", `/runners/${runner.id}`);
      return seen.health.toLowerCase() === "healthy";
    },
    { timeoutMs: 20_000 },
  );
  const monitors = await makeMonitors(call, { workspaceId: shop, runner, silent, ...documents });
  const alerts = await makeAlerts(call, shop, monitors.checkout, target.url);
  await runAll(call, Object.values(monitors), { runs, target });
  await call("PUT", `/monitors/${monitors.report}`, { monitor: { active: false } });
  const status = await makeStatusPage(call, shop, monitors);
  const rest = await makeRest(call, shop, documents.collectionUid);
  const colleague = await makeColleague(installation);
  const failed = await lastRunOf(call, monitors.checkout);
  const passed = await lastRunOf(call, monitors.catalogue);
  return {
    installation,
    places: {
      overview: "/",
      "overview in folders": "/?group=folder",
      "overview with a filter": "/?tag=customers&only=failing",
      "overview without a match": "/?search=nothing-has-this-name",
      "overview of an empty workspace": `/?workspace=${logistics}`,
      start: `/start?workspace=${logistics}`,
      monitor: `/monitors/${monitors.checkout}`,
      "monitor that passes": `/monitors/${monitors.catalogue}?range=7d`,
      "monitor without a run": `/monitors/${monitors.waiting}`,
      "monitor activity": `/monitors/${monitors.checkout}/activity`,
      "monitor ledger": `/monitors/${monitors.checkout}/ledger`,
      "monitor export": `/monitors/${monitors.checkout}/export`,
      "monitor report": `/monitors/${monitors.checkout}/report`,
      "monitor alerts": `/monitors/${monitors.checkout}/alerts`,
      "monitor new": "/monitors/new",
      "monitor edit": `/monitors/${monitors.checkout}/edit`,
      "monitor delete": `/monitors/${monitors.checkout}/delete`,
      reports: `/reports?workspace=${shop}`,
      run: `/runs/${failed}`,
      "run that passed": `/runs/${passed}`,
      "run step": `/runs/${failed}/steps/2`,
      "run console": `/runs/${failed}/console`,
      ...documents.places,
      runners: "/runners",
      runner: `/runners/${runner.id}`,
      "runner edit": `/runners/${runner.id}/edit`,
      "runner new": "/runners/new",
      "runner reset key": `/runners/${silent.id}/reset-key`,
      "runner delete": `/runners/${silent.id}/delete`,
      "runner programs": "/runners/programs",
      ...alerts,
      ...status,
      ...rest,
      workspaces: "/workspaces",
      workspace: `/workspaces/${shop}`,
      "workspace delete": `/workspaces/${logistics}/delete`,
      globals: `/globals/${shop}`,
      "globals edit": `/globals/${shop}/edit`,
      "globals revisions": `/globals/${shop}/revisions`,
      "globals revision": `/globals/${shop}/revisions/1`,
      keys: "/keys",
      audit: "/audit",
      users: "/users",
      "user remove": `/users/${colleague}/remove`,
      account: "/account",
      "connected apps": "/connected-apps",
      reference: "/reference",
      "reference of a group": "/reference/monitors",
      "no such page": "/nothing-is-here",
    },
    stop: async () => {
      await installation.server.stop();
      await target.stop();
    },
  };
}

async function makeWorkspace(call: ApiCall, name: string): Promise<string> {
  const { workspace } = await call<{ workspace: { id: string } }>("POST", "/workspaces", {
    workspace: { name, type: "team", description: `What the ${name.toLowerCase()} is made of` },
  });
  return workspace.id;
}

async function makeDocuments(call: ApiCall, workspaceId: string, url: string) {
  const path = `/collections?workspace=${workspaceId}`;
  type Created = { collection: { id: string; uid: string } };
  const { collection } = await call<Created>("POST", path, { collection: bookshop("Bookshop") });
  const full = await call<{ collection: { info: object; item: { id: string }[] } }>(
    "GET",
    `/collections/${collection.uid}`,
  );
  // With the ids that it has, or everything would be new.
  await call("PUT", `/collections/${collection.uid}`, {
    collection: { ...full.collection, info: { ...full.collection.info, name: "Bookshop, all of it" } },
  });
  const { environment } = await call<{ environment: { id: string; uid: string } }>(
    "POST",
    `/environments?workspace=${workspaceId}`,
    {
      environment: {
        name: "Production",
        values: [
          { key: "baseUrl", value: url, enabled: true },
          { key: "token", value: "not to be seen", type: "secret", enabled: true },
        ],
      },
    },
  );
  const item = full.collection.item.at(-1)?.id ?? "";
  const [at, around] = [`/collections/${collection.id}`, `/environments/${environment.id}`];
  return {
    collectionUid: collection.uid,
    environmentUid: environment.uid,
    places: {
      collections: "/collections",
      collection: at,
      "collection item": `${at}/items/${item}`,
      "collection item edit": `${at}/items/${item}/edit`,
      "collection item duplicate": `${at}/items/${item}/duplicate`,
      "collection item move": `${at}/items/${item}/move`,
      "collection item delete": `${at}/items/${item}/delete`,
      "collection add": `${at}/add`,
      "collection edit": `${at}/edit`,
      "collection compatibility": `${at}/compatibility`,
      "collection revisions": `${at}/revisions`,
      "collection revision": `${at}/revisions/2`,
      "collection delete": `${at}/delete`,
      environments: "/environments",
      environment: around,
      "environment edit": `${around}/edit`,
      "environment revisions": `${around}/revisions`,
      "environment revision": `${around}/revisions/1`,
      "environment delete": `${around}/delete`,
    },
  };
}

async function makeRunner(call: ApiCall, name: string): Promise<{ id: string; key: string }> {
  const { runner } = await call<{ runner: { id: string; key: string } }>("POST", "/runners", {
    runner: { name, description: "Rack 4, beside the gateway", visibility: "all" },
  });
  return runner;
}

interface MonitorContext {
  workspaceId: string;
  collectionUid: string;
  environmentUid: string;
  runner: { id: string };
  silent: { id: string };
}

async function makeMonitors(
  call: ApiCall,
  { workspaceId, collectionUid, environmentUid, runner, silent }: MonitorContext,
) {
  const make = async (name: string, more: Record<string, unknown>) => {
    const { monitor } = await call<{ monitor: { id: string } }>(
      "POST",
      `/monitors?workspace=${workspaceId}`,
      {
        monitor: {
          name,
          collection: collectionUid,
          environment: environmentUid,
          schedule: { cron: "0 9 * * 1-5", timezone: "Europe/Berlin" },
          distribution: [{ runner: runner.id }],
          ...more,
        },
      },
    );
    return monitor.id;
  };
  return {
    checkout: await make("Checkout", { folder: "customers/checkout", tags: ["customers", "money"] }),
    catalogue: await make("Catalogue", { folder: "customers", tags: ["customers"] }),
    report: await make("Nightly report", { schedule: null }),
    waiting: await make("Warehouse", { distribution: [{ runner: silent.id }] }),
  };
}

type Monitors = Awaited<ReturnType<typeof makeMonitors>>;

async function runAll(
  call: ApiCall,
  monitorIds: string[],
  { runs, target }: { runs: number; target: ReturnType<typeof startShop> },
): Promise<void> {
  const [checkout = "", catalogue = "", report = ""] = monitorIds;
  for (let count = 0; count < runs; count++) {
    await Promise.all([checkout, catalogue, report].map((id) => call("POST", `/monitors/${id}/run`)));
  }
  target.breakOrders();
  for (let count = 0; count < 3; count++) await call("POST", `/monitors/${checkout}/run`);
}

async function lastRunOf(call: ApiCall, monitorId: string): Promise<string> {
  const { executions } = await call<{ executions: { id: string }[] }>(
    "GET",
    `/monitors/${monitorId}/executions`,
  );
  const path = `/monitors/${monitorId}/executions/${executions[0]?.id}/runs`;
  const { runs } = await call<{ runs: { id: string }[] }>("GET", path);
  return runs[0]?.id ?? "";
}

async function makeAlerts(call: ApiCall, workspace: string, monitorId: string, url: string) {
  const { alertChannel } = await call<{ alertChannel: { id: string } }>("POST", "/alert-channels", {
    workspace,
    name: "Room of the shop",
    config: { kind: "webhook", url: `${url}/hook`, secret: "shared" },
  });
  const { alertRule } = await call<{ alertRule: { id: string } }>("POST", "/alert-rules", {
    workspace,
    monitorId,
    channelIds: [alertChannel.id],
    inARow: 1,
  });
  const { maintenanceWindow } = await call<{ maintenanceWindow: { id: string } }>(
    "POST",
    "/maintenance-windows",
    {
      workspace,
      name: "Release of the new checkout",
      once: {
        from: new Date(Date.now() + 86_400_000).toISOString(),
        to: new Date(Date.now() + 90_000_000).toISOString(),
      },
    },
  );
  return {
    alerts: "/alerts",
    "alert channels": "/alerts/channels",
    "alert channel": `/alerts/channels/${alertChannel.id}`,
    "alert channel new": "/alerts/channels/new?kind=slack",
    "alert channel delete": `/alerts/channels/${alertChannel.id}/delete`,
    "alert rule new": `/alerts/rules/new?monitor=${monitorId}`,
    "alert rule": `/alerts/rules/${alertRule.id}`,
    "alert rule delete": `/alerts/rules/${alertRule.id}/delete`,
    "alert mute": `/alerts/mute?monitor=${monitorId}`,
    summaries: "/alerts/summaries",
    maintenance: "/maintenance",
    "maintenance new": "/maintenance/new",
    "maintenance window": `/maintenance/${maintenanceWindow.id}`,
    "maintenance delete": `/maintenance/${maintenanceWindow.id}/delete`,
  };
}

async function makeStatusPage(call: ApiCall, workspaceId: string, monitors: Monitors) {
  const { statusPage } = await call<{ statusPage: { id: string } }>(
    "POST",
    `/status-pages?workspace=${workspaceId}`,
    {
      statusPage: {
        slug: "shop",
        title: "Bookshop",
        visibility: "public",
        monitors: [
          { monitor: monitors.checkout, name: "Ordering", group: "For customers" },
          { monitor: monitors.catalogue, name: "Catalogue", group: "For customers" },
        ],
      },
    },
  );
  const at = `/status-pages/${statusPage.id}`;
  const { incident } = await call<{ incident: { id: string } }>("POST", `${at}/incidents`, {
    incident: {
      title: "Orders are refused",
      state: "investigating",
      message: "We are looking into it.",
      monitors: [monitors.checkout],
    },
  });
  return {
    "status pages": "/status-pages",
    "status page new": "/status-pages/new",
    "status page monitors": at,
    "status page settings": `${at}/settings`,
    "status page delete": `${at}/delete`,
    incidents: `${at}/incidents`,
    "incident new": `${at}/incidents/new`,
    incident: `${at}/incidents/${incident.id}`,
    "incident delete": `${at}/incidents/${incident.id}/delete`,
    "public status": "/status/shop",
    "public status history": "/status/shop/history",
  };
}

async function makeColleague({ dataDir }: Installation): Promise<number> {
  const where = ["--data-dir", dataDir, "--json"];
  const person = ["--email", "grace@example.com", "--name", "Grace", "--password", admin.password];
  await runApp(["user", "create", ...where, ...person]);
  const { output } = await runApp(["user", "list", ...where]);
  // The program prints one array, after whatever it logs.
  const users = JSON.parse(output.slice(output.indexOf("["))) as { id: number; name: string }[];
  return users.find(({ name }) => name === "Grace")?.id ?? 0;
}

async function makeRest(call: ApiCall, workspaceId: string, collection: string) {
  for (const page of ["1", "2"]) {
    await call("PUT", `/workspaces/${workspaceId}/global-variables`, {
      values: [{ key: "page", value: page, enabled: true }],
    });
  }
  const { mock } = await call<{ mock: { id: string } }>("POST", `/mocks?workspace=${workspaceId}`, {
    mock: { name: "Bookshop for the app", collection },
  });
  const { webhook } = await call<{ webhook: { id: string } }>("POST", `/webhooks?workspace=${workspaceId}`, {
    webhook: { name: "After a deployment", collection },
  });
  const spec = await call<{ id: string }>("POST", `/specs?workspaceId=${workspaceId}`, {
    name: "Bookshop",
    type: "OPENAPI:3.0",
    files: [{ path: "index.yaml", content: openapi, type: "ROOT" }],
  });
  const { apiKeys } = await call<{ apiKeys: { id: string }[] }>("GET", "/keys");
  return {
    mocks: "/mocks",
    mock: `/mocks/${mock.id}`,
    "mock delete": `/mocks/${mock.id}/delete`,
    webhooks: "/webhooks",
    "webhook delete": `/webhooks/${webhook.id}/delete`,
    specs: "/specs",
    spec: `/specs/${spec.id}`,
    "spec delete": `/specs/${spec.id}/delete`,
    key: `/keys/${apiKeys[0]?.id}`,
  };
}

/** Who the tour is made for. */
export const visitor = admin;
