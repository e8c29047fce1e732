import { afterAll, beforeAll, expect, it } from "vitest"
import { unwrap } from "../../src/events/testing/results.ts"
import type { Table } from "../../src/table/index.ts"
import { DEFAULT_TIMEOUTS } from "../../src/table/trino/timeouts.ts"
import { openTrinoTable } from "../../src/table/trino.ts"
import { DOCUMENTED_QUERIES, SHOWN_ROWS } from "../driver/documented-queries.ts"
import { freshSchema } from "../services/fresh.ts"
import { sharedServices } from "../services/shared.ts"
import type { TrinoAddress } from "../services/trino.ts"
import { runSql } from "../services/trino-sql.ts"

let trino: TrinoAddress
let schema: string
let table: Table

beforeAll(async () => {
  trino = (await sharedServices("trino")).trino
  schema = await freshSchema(trino, "queries")
  const [bucket = "", name = ""] = schema.split("/")
  const access = { endpoint: trino.url, user: "oiio", password: null, ca: null, catalog: trino.catalog }
  table = unwrap(await openTrinoTable({ ...access, bucket, schema: name, timeouts: DEFAULT_TIMEOUTS }))
  unwrap(await table.ensure())
  unwrap(await table.merge(SHOWN_ROWS))
})
afterAll(() => table.close())

/** Tables by their whole names, as the pages say. */
const qualified = (sql: string): string =>
  sql.replaceAll(/\b(FROM|JOIN) (?=[a-z])/g, `$1 ${trino.catalog}."${schema}".`)

it.each(DOCUMENTED_QUERIES)("a query of the pages about tables finds something in Trino: %s", async (sql) => {
  expect((await runSql(trino.url, qualified(sql))).length).toBeGreaterThan(0)
})
