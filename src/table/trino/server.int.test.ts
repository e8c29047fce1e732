import fc from "fast-check"
import { afterEach, describe, expect, it } from "vitest"
import { failureOf, unwrap } from "../../events/testing/results.ts"
import { systemClock } from "../../system/clock.ts"
import { PROXY_OUTPUT_COLUMNS } from "../rows.ts"
import { elementsOf, merge, outputsOf } from "../testing/harness.ts"
import { elementRow, proxyOutput } from "../testing/rows.ts"
import { trinoBench } from "../testing/trino-tables.ts"
import { openTrinoTable } from "../trino.ts"
import { type Connection, openConnection } from "./connection.ts"
import { varcharLiteral } from "./sql.ts"
import { pagesOf, run } from "./statement.ts"
import type { TrinoTimeouts } from "./timeouts.ts"

let connections: Connection[] = []
afterEach(() => {
  for (const connection of connections) connection.close()
  connections = []
})

async function connected(timeouts: Partial<TrinoTimeouts> = {}) {
  const bench = await trinoBench()
  const { options } = bench
  const times = { ...options.timeouts, ...timeouts }
  const connection = openConnection({ ...options, timeouts: times }, { clock: systemClock, random: Math.random })
  connections.push(connection)
  return { ...bench, connection }
}

/** Runs for minutes. */
const ENDLESS = (mark: string): string =>
  `SELECT count(*) AS ${mark} FROM UNNEST(sequence(1, 10000)) AS a(x) CROSS JOIN UNNEST(sequence(1, 10000)) AS b(y) CROSS JOIN UNNEST(sequence(1, 10000)) AS c(z) WHERE sin(x * y * z) > 2`

describe("Trino itself", () => {
  it("understands every text as it was meant", async () => {
    const { connection } = await connected()
    const texts = fc.sample(fc.string({ unit: "binary", maxLength: 30 }), 300)
    const all = [...texts, "'", "\\", "\0", "U&'", "a\\0041", "'); --", "🎬é\u0085\u2028"]
    const values = all.map((text, index) => `(${index}, ${varcharLiteral(text)})`).join(", ")
    const rows = unwrap(await run(connection, `SELECT t FROM (VALUES ${values}) AS v(i, t) ORDER BY i`))
    expect(rows.map(([text]) => text)).toEqual(all)
  })

  it("has a view of what is current for whoever reads: one row of each live object, in the contract's columns", async () => {
    const { table: open, schema, sql } = await trinoBench()
    const table = await open()
    await merge(table, {
      proxyOutputs: [
        proxyOutput({ proxy_id: "old", generated_timestamp: "2026-04-01T00:00:01.000000+00:00" }),
        proxyOutput({ proxy_id: "new", generated_timestamp: "2026-04-01T00:00:02.000000+00:00" }),
        proxyOutput({ proxy_id: "gone", s3_key: "gone.exr" }),
      ],
      elements: [elementRow({ file_id: null, state: "queued" }), elementRow({ key: "gone.exr", state: "removed" })],
    })
    const columns = await sql(`SHOW COLUMNS FROM ${schema}.proxy_outputs_current`)
    expect(columns.map(([name]) => name)).toEqual([...PROXY_OUTPUT_COLUMNS])
    expect(await sql(`SELECT proxy_id FROM ${schema}.proxy_outputs_current`)).toEqual([["new"]])
    unwrap(await table.ensure())
    expect(await sql(`SELECT count(*) FROM ${schema}.proxy_outputs_current`)).toEqual([[1]])
  })

  it("is told to stop a query that takes too long, and one that nobody reads on", async () => {
    const { connection: impatient } = await connected({ statementMs: 1_500 })
    expect(failureOf(await run(impatient, ENDLESS("too_long")))).toMatchObject({ code: "table/unreachable" })
    const { connection, sql } = await connected()
    for await (const page of pagesOf(
      connection,
      "SELECT x AS left_early FROM UNNEST(sequence(1, 10000)) AS a(x) CROSS JOIN UNNEST(sequence(1, 10000)) AS b(y)",
    )) {
      expect(page.ok).toBe(true)
      break
    }
    const marked = "query LIKE '%too_long%' OR query LIKE '%left_early%'"
    const running = `SELECT count(*) FROM system.runtime.queries WHERE (${marked}) AND query NOT LIKE '%system.runtime%' AND state NOT IN ('FAILED', 'FINISHED')`
    await expect.poll(() => sql(running)).toEqual([[0]])
  })

  it("takes the password over TLS, and no other", async () => {
    const { options, trino } = await trinoBench()
    const { url: endpoint, ca, password, username: user } = trino.secure
    const secure = { ...options, endpoint, user, password, ca }
    const table = unwrap(await openTrinoTable(secure))
    unwrap(await table.ensure())
    await merge(table, { proxyOutputs: [proxyOutput()] })
    expect(await outputsOf(table)).toEqual([proxyOutput()])
    await table.close()
    const wrong = failureOf(await openTrinoTable({ ...secure, password: "PLANTED-PASSWORD" }))
    expect(wrong).toMatchObject({ code: "table/refused", says: expect.stringContaining("VAST_DB_SECRET_KEY") })
    expect(JSON.stringify(wrong)).not.toContain("PLANTED")
    expect(failureOf(await openTrinoTable({ ...secure, ca: null }))).toMatchObject({
      code: "table/refused",
      says: expect.stringContaining("VAST_DB_CA"),
    })
    expect(failureOf(await openTrinoTable({ ...options, catalog: "nowhere" }))).toMatchObject({ code: "table/refused" })
  })
})

describe("a Trino table", () => {
  it("is exactly the contract's, under the bucket's and schema's name", async () => {
    const bench = await trinoBench()
    await bench.table()
    const columns = await bench.sql(`DESCRIBE ${bench.schema}.proxy_outputs`)
    expect(columns.map(([name, type]) => `${name} ${type}`)).toEqual([
      ...["proxy_id", "file_id", "s3_key", "s3_bucket", "asset_id", "thumbnail_s3_key", "proxy_s3_key"].map(
        (name) => `${name} varchar`,
      ),
      ...["thumbnail_size_bytes", "proxy_size_bytes", "source_size_bytes"].map((name) => `${name} bigint`),
      ...["source_colorspace", "thumb_colorspace", "proxy_colorspace", "thumb_resolution", "proxy_resolution"].map(
        (name) => `${name} varchar`,
      ),
      "processing_time_seconds double",
      "generated_timestamp varchar",
      "generator_version varchar",
    ])
  })

  it("of another program is left as it is where its types differ", async () => {
    const bench = await trinoBench()
    await bench.sql(`CREATE SCHEMA ${bench.schema}`)
    await bench.sql(`CREATE TABLE ${bench.schema}.proxy_outputs (proxy_id varchar, proxy_size_bytes varchar)`)
    const table = unwrap(await openTrinoTable(bench.options))
    const refused = failureOf(await table.ensure())
    expect(refused).toMatchObject({ code: "table/refused", says: expect.stringContaining("proxy_size_bytes") })
    expect(await bench.sql(`DESCRIBE ${bench.schema}.proxy_outputs`)).toHaveLength(2)
    await table.close()
  })

  it("takes batches beyond what one statement may hold", async () => {
    const table = await (await trinoBench()).table()
    const rows = Array.from({ length: 2_500 }, (_, index) =>
      elementRow({ key: `k${String(index).padStart(4, "0")}`, failure_says: "it's long. ".repeat(60) }),
    )
    await merge(table, { elements: rows })
    expect(await elementsOf(table)).toEqual(rows)
  })

  it("takes two writers, each of which finds all rows in the end", async () => {
    const bench = await trinoBench()
    const writers = [await bench.table(), await bench.table()]
    await Promise.all(
      writers.map(async (writer, own) => {
        for (let turn = 0; turn < 4; turn++)
          await merge(writer, {
            elements: [
              elementRow({ key: `k${own}-${turn}` }),
              elementRow({ key: "shared", version_order: `${turn}${own}` }),
            ],
          })
      }),
    )
    for (const writer of writers) {
      const found = await elementsOf(writer)
      expect([found.length, found.at(-1)?.version_order]).toEqual([9, "31"])
    }
  })

  it("keeps its rows when its files are put together", async () => {
    const bench = await trinoBench()
    const table = await bench.table()
    for (let index = 0; index < 4; index++)
      await merge(table, { proxyOutputs: [proxyOutput({ proxy_id: `p${index}` })] })
    const files = async () => (await bench.sql(`SELECT count(*) FROM ${bench.schema}."proxy_outputs$files"`))[0]?.[0]
    expect(await files()).toBe(4)
    unwrap(await table.optimize())
    expect([await files(), (await outputsOf(table)).length]).toEqual([1, 4])
  })
})
