import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { is } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";

import type { Database } from "../../db/connect.ts";
import { migrate, pendingMigrations } from "../../db/migrate.ts";
import { type Migration, migrations } from "../../db/migrations/index.ts";
import * as schema from "../../db/schema.ts";
import { AppError } from "../../src/lib/errors.ts";
import { testDatabase } from "../support/database.ts";

const next = (sql: string, id = "9000_next"): Migration[] => [...migrations, { id, sql }];

const appliedIds = async ({ sql }: Database): Promise<string[]> =>
  (await sql<{ id: string }[]>`select id from migrations order by id`).map(({ id }) => id);

describe("migrate", () => {
  test("applies what is missing once, in order", async () => {
    const database = await testDatabase();
    const list = next("create table fresh (id int)");

    expect(await pendingMigrations(database, list)).toEqual(["9000_next"]);
    expect(await migrate(database, list)).toEqual(["9000_next"]);
    expect(await migrate(database, list)).toEqual([]);

    expect(await appliedIds(database)).toEqual(list.map(({ id }) => id));
    expect(await pendingMigrations(database, list)).toEqual([]);
  });

  test("of servers that start together one does the work and the others wait", async () => {
    const database = await testDatabase();
    const list = next("select pg_sleep(0.1); create table fresh (id int)");

    const applied = await Promise.all([1, 2, 3].map(() => migrate(database, list)));

    expect(applied.flat()).toEqual(["9000_next"]);
  });

  test("leaves nothing of a migration that fails, and says which one", async () => {
    const database = await testDatabase();
    const list = next("create table half (id int); select 1 / 0");

    const error = await migrate(database, list).catch((thrown: unknown) => thrown);

    expect(String(error)).toContain("apply migration 9000_next");
    const [found] = await database.sql`select to_regclass('half') as found`;
    expect(found?.["found"]).toBeNull();
    expect(await appliedIds(database)).toEqual(migrations.map(({ id }) => id));
  });

  test("refuses a database that a newer program migrated", async () => {
    const database = await testDatabase();
    await migrate(database, next("select 1", "9001_newer"));

    const error = await migrate(database).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(AppError);
    expect(String(error)).toContain("migrated by a newer version of this program (it has 9001_newer)");
  });

  test("refuses a database whose migrations were written otherwise", async () => {
    const database = await testDatabase();
    await migrate(database, next("create table fresh (id int)"));

    const error = await migrate(database, next("create table fresh (id int, name text)")).catch(
      (thrown: unknown) => thrown,
    );

    expect(error).toBeInstanceOf(AppError);
    expect(String(error)).toContain("its migration 9000_next is not the one of this program");
  });

  test("takes a database that noted no checksums yet", async () => {
    const database = await testDatabase();
    await database.sql`alter table migrations drop column checksum`;

    expect(await migrate(database, next("select 1"))).toEqual(["9000_next"]);
  });

  test("the list in the program holds every file of the folder", async () => {
    const folder = join(import.meta.dir, "../../db/migrations");
    const files = readdirSync(folder)
      .filter((name) => name.endsWith(".sql"))
      .toSorted();

    const texts = await Promise.all(files.map((name) => Bun.file(join(folder, name)).text()));

    expect(migrations.map(({ id }) => `${id}.sql`)).toEqual(files);
    expect(migrations.map(({ sql }) => sql)).toEqual(texts);
  });
});

describe("the schema in TypeScript and the migrated database", () => {
  const shared = testDatabase();
  // Every export that is a table; types and helpers are left out.
  const tables = Object.values(schema).filter((value) => is(value, PgTable));

  test("have the same tables", async () => {
    const { sql } = await shared;
    const rows = await sql<{ name: string }[]>`
      select table_name as name from information_schema.tables where table_schema = 'public'`;

    const names = tables.map((table) => getTableConfig(table).name);

    expect(rows.map(({ name }) => name).toSorted()).toEqual([...names, "migrations"].toSorted());
  });

  test.each(tables.map((table) => getTableConfig(table)).map((config) => [config.name, config] as const))(
    "agree on %s",
    async (name, config) => {
      const { sql } = await shared;

      const inDatabase = {
        columns: await columnsOf(sql, name),
        indexes: await indexesOf(sql, name),
        foreignKeys: await foreignKeysOf(sql, name),
      };

      expect(inDatabase).toEqual(expected(config));
    },
  );
});

type TableConfig = ReturnType<typeof getTableConfig>;

function expected({ columns, indexes, primaryKeys, foreignKeys }: TableConfig) {
  return {
    columns: columns
      .map((column) => ({ name: column.name, type: column.getSQLType(), notNull: column.notNull }))
      .toSorted(byName),
    // Of indexes their columns are compared; names of those that constraints make are Postgres's own.
    indexes: [
      ...columns.filter(({ primary, isUnique }) => primary || isUnique).map(({ name }) => `unique ${name}`),
      ...primaryKeys.map((key) => `unique ${key.columns.map(({ name }) => name).join(", ")}`),
      ...indexes.map(({ config }) => {
        const names = config.columns.map((column) => ("name" in column ? String(column.name) : "expression"));
        return `${config.unique ? "unique " : ""}${names.join(", ")}${config.where ? " partial" : ""}`;
      }),
    ].toSorted(),
    foreignKeys: foreignKeys
      .map((key) => {
        const { columns: from, foreignTable } = key.reference();
        return `${from.map(({ name }) => name).join(", ")} to ${getTableConfig(foreignTable).name}, on delete ${key.onDelete ?? "no action"}`;
      })
      .toSorted(),
  };
}

const byName = (left: { name: string }, right: { name: string }) => (left.name < right.name ? -1 : 1);

type Sql = Database["sql"];

const columnsOf = async (sql: Sql, table: string) => [
  ...(await sql<{ name: string; type: string; notNull: boolean }[]>`
    select attname as name, format_type(atttypid, atttypmod) as type, attnotnull as "notNull"
    from pg_attribute
    where attrelid = ${table}::regclass and attnum > 0 and not attisdropped
    order by attname collate "C"`),
];

async function indexesOf(sql: Sql, table: string): Promise<string[]> {
  const rows = await sql<{ text: string }[]>`
    select case when indisunique then 'unique ' else '' end
      || (select string_agg(attname, ', ' order by position)
          from unnest(indkey) with ordinality as key(number, position)
          join pg_attribute on attrelid = indrelid and attnum = number)
      || case when indpred is null then '' else ' partial' end as text
    from pg_index where indrelid = ${table}::regclass`;
  return rows.map(({ text }) => text).toSorted();
}

async function foreignKeysOf(sql: Sql, table: string): Promise<string[]> {
  const rows = await sql<{ text: string }[]>`
    select (select string_agg(attname, ', ' order by position)
        from unnest(conkey) with ordinality as key(number, position)
        join pg_attribute on attrelid = conrelid and attnum = number)
      || ' to ' || confrelid::regclass || ', on delete '
      || case confdeltype when 'c' then 'cascade' when 'n' then 'set null' when 'r' then 'restrict' else 'no action' end as text
    from pg_constraint where contype = 'f' and conrelid = ${table}::regclass`;
  return rows.map(({ text }) => text).toSorted();
}
