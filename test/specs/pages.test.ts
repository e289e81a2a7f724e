import { beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";

import { createConverters } from "../../src/server/convert.ts";
import { recognize } from "../../src/specs/spec.ts";
import { tasksFinished } from "../../src/tasks/start.ts";
import { startSession } from "../support/form-session.ts";
import { petsYaml } from "./support.ts";

let session: Awaited<ReturnType<typeof startSession>>;

beforeAll(async () => {
  const main = join(import.meta.dir, "../../src/main.ts");
  const command = [process.execPath, main, "convert-process"];
  session = await startSession("member", createConverters({ command }));
});

describe("the pages of specifications", () => {
  test("take a file, show it, generate a collection and delete it", async () => {
    await session.get("/specs");

    const uploaded = await session.post("/specs", { file: new File([petsYaml], "pets.yaml") });
    const path = uploaded.location ?? "";
    const shown = await session.get(path);
    const generating = await session.post(`${path}/collections`, { name: "Of pets", folders: "Tags" });
    await tasksFinished(session.database);
    const generated = await session.get(path);
    const asked = await session.get(`${path}/delete`);
    const deleted = await session.post(`${path}/delete`);

    expect([uploaded.status, generating.status, deleted.status]).toEqual([303, 303, 303]);
    expect(shown.html).toContain("<h1>Pets</h1>");
    expect(shown.html).toContain("summary: List pets");
    expect(generated.html).toContain(">Of pets</a>");
    expect(generated.html).toContain("in sync");
    expect(asked.html).toContain("Delete Pets?");
    expect((await session.get("/specs")).html).toContain("No specifications yet");
  });

  test("say what is wrong with a text", async () => {
    await session.get("/specs");

    const nothing = await session.post("/specs", { text: "" });
    const unknown = await session.post("/specs", { text: "hello" });

    expect([nothing.status, unknown.status]).toEqual([400, 400]);
    expect(nothing.html).toContain("Choose a file or paste a document.");
    expect(unknown.html).toContain("no specification that is known");
    expect(unknown.html).toContain(">hello</textarea>");
  });

  test("of workspaces out of reach are not shown", async () => {
    const hidden = await session.make.workspace({ visibility: "private" });
    const ownerId = hidden.createdBy;
    const id = crypto.randomUUID();
    await session.database.sql`insert into specs (id, workspace_id, owner_id, updated_by, name, type)
      values (${id}, ${hidden.id}, ${ownerId}, ${ownerId}, 'Hidden', 'GRAPHQL')`;

    const page = await session.get(`/specs/${id}`);

    expect(page.status).toBe(403);
    expect((await session.get("/specs")).html).not.toContain("Hidden");
  });
});

test.each([
  ["pets.yaml", petsYaml, "OPENAPI:3.0", "Pets"],
  ["", '{"swagger":"2.0","info":{}}', "OPENAPI:2.0", "Specification"],
  ["a.json", '{\n "openapi": "3.1.0"}', "OPENAPI:3.1", "a"],
  ["b.yml", "asyncapi: 3.0.0", "ASYNCAPI:3.0", "b"],
  ["c.proto", 'syntax = "proto3";', "PROTOBUF:3", "c"],
  ["d.graphql", "type Query { a: Int }", "GRAPHQL", "d"],
  ["e.smithy", '$version: "2"', "SMITHY:2.0", "e"],
])("the file %s is recognized", (name, content, type, title) => {
  expect(recognize({ name, content })).toMatchObject({ type, name: title });
});
