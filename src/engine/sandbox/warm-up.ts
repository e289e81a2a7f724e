import type { RealmEvents } from "./host-operations.ts";
import type { ScriptRealm } from "./script-realm.ts";

/** Runs every code path that opens a file on first use: after the lock none can. */
export function warmUp(createRealm: (events: RealmEvents) => ScriptRealm): void {
  const realm = createRealm({ call() {}, partial() {}, finished() {}, timedOut() {} });
  const context = JSON.stringify({
    event: "test",
    scopes: { local: [], environment: [], collection: [], globals: [] },
    data: {},
    request: { method: "GET", url: "http://localhost/", header: [] },
    cookies: [],
    info: { requestName: "", requestId: "", iteration: 0, iterationCount: 1 },
    location: { path: [], current: "" },
    maxConsoleBytes: 1000,
    usesPromises: false,
  });
  const codes = [
    `pm.test("", () => pm.expect(1).to.equal(1)); crypto.randomUUID(); new URL("http://a/")`,
    `new Date().toLocaleString(); "a".localeCompare("b"); new Intl.NumberFormat("en").format(1); /\\p{L}/u.test("a")`,
    `undefined.x`,
    `}`,
  ];
  for (const code of codes) realm.execute({ code, context, timeoutMs: 1000 });
}
