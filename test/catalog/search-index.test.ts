import { beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import { refreshSearchIndex, startSearchIndexing } from "../../src/catalog/search-index.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { eventually } from "../support/eventually.ts";

setDefaultTimeout(120_000);

let api: TestApi;
beforeEach(async () => {
  api = await testApi();
});

const indexed = async () => {
  const rows = await api.database.sql<{ name: string }[]>`select name from search_items order by name`;
  return rows.map(({ name }) => name);
};

describe("the search index", () => {
  test("follows collections in the background until it is stopped", async () => {
    const indexing = startSearchIndexing(api.deps);
    await api.make.collection({ name: "Kept" });
    await eventually(async () => (await indexed()).length === 2);
    await indexing.stop();

    await api.make.collection({ name: "Later" });
    expect(await indexed()).toHaveLength(2);
  });

  test("is the same whoever reads, and however many at once", async () => {
    await api.make.collection();
    await api.make.collection();

    await Promise.all([1, 2, 3].map(() => refreshSearchIndex(api.deps)));

    expect(await indexed()).toHaveLength(4);
    expect(await refreshSearchIndex(api.deps)).toBe(0);
  });

  test("reads the others when one collection cannot be read", async () => {
    await api.make.collection({ document: { info: { name: "Good" }, item: [] } });
    await api.make.collection({ document: { info: { name: "Bad" }, item: [{ name: "Too much" }] } });
    // Stands for whatever a database may refuse.
    await api.database.sql`alter table search_items add constraint refused check (name <> 'Too much')`;

    await refreshSearchIndex(api.deps);

    expect(await indexed()).toEqual(["Good"]);
  });
});
