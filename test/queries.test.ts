import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { unwrap } from "../src/events/testing/results.ts"
import { systemClock } from "../src/system/clock.ts"
import { DOCUMENTED_QUERIES, SHOWN_ROWS } from "./driver/documented-queries.ts"
import { openTestTable } from "./driver/table.ts"

const folder = mkdtempSync(join(tmpdir(), "queries-"))
let database: DatabaseSync

beforeAll(async () => {
  const table = await openTestTable(folder, systemClock)
  unwrap(await table.merge(SHOWN_ROWS))
  await table.close()
  database = new DatabaseSync(join(folder, "state/state.sqlite"), { readOnly: true })
})
afterAll(() => {
  database.close()
  rmSync(folder, { recursive: true, force: true })
})

describe("a query of the pages about tables, on a laptop's file", () => {
  it.each(DOCUMENTED_QUERIES)("finds something: %s", (sql) => {
    expect(database.prepare(sql).all().length).toBeGreaterThan(0)
  })

  it("is on each page", () => {
    expect(DOCUMENTED_QUERIES.length).toBeGreaterThanOrEqual(14)
  })
})
