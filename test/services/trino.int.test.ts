import { request } from "node:https"
import { BasicAuth, Trino } from "trino-client"
import { beforeAll, describe, expect, it } from "vitest"
import { freshSchema } from "./fresh.ts"
import { type Services, startServices } from "./index.ts"
import { sharedServices } from "./shared.ts"
import type { TrinoAddress } from "./trino.ts"
import { runSql } from "./trino-sql.ts"

const merge = (table: string, rows: readonly (readonly [string, number])[]): string =>
  `MERGE INTO ${table} AS t USING (SELECT * FROM UNNEST(CAST(JSON '${JSON.stringify(rows)}' AS array(row(k varchar, n bigint))))) AS s(k, n)
   ON t.k = s.k WHEN MATCHED THEN UPDATE SET n = s.n WHEN NOT MATCHED THEN INSERT (k, n) VALUES (s.k, s.n)`

/** HTTP status of a statement sent over TLS. */
const statusOverTls = ({ secure }: TrinoAddress, password: string, ca?: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const auth = `${secure.username}:${password}`
    const options = { method: "POST", auth, ...(ca === undefined ? {} : { ca }) }
    const asked = request(`${secure.url}/v1/statement`, options, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    asked.once("error", reject)
    asked.end("SELECT 1")
  })

describe("Trino, shared by the test run", () => {
  let trino: TrinoAddress

  beforeAll(async () => {
    trino = (await sharedServices("trino")).trino
  })

  it('merges into vast."bucket/schema".table: updates what is there, inserts what is not', async () => {
    const table = `${trino.catalog}."${await freshSchema(trino, "merge")}".t`
    await runSql(trino.url, `CREATE TABLE ${table} (k varchar, n bigint)`)
    await runSql(
      trino.url,
      merge(table, [
        ["a", 1],
        ["b", 2],
      ]),
    )
    await runSql(
      trino.url,
      merge(table, [
        ["b", 20],
        ["it''s", 30],
      ]),
    )
    const rows = await runSql(trino.url, `SELECT k, n FROM ${table} ORDER BY k`)
    expect(rows).toEqual([
      ["a", 1],
      ["b", 20],
      ["it's", 30],
    ])
  })

  it("renames a table, adds a column, updates and deletes", async () => {
    const schema = `${trino.catalog}."${await freshSchema(trino, "alter")}"`
    await runSql(trino.url, `CREATE TABLE ${schema}.old AS SELECT * FROM (VALUES 1, 2, 3) AS v(n)`)
    await runSql(trino.url, `ALTER TABLE ${schema}.old RENAME TO ${schema}.new`)
    await runSql(trino.url, `ALTER TABLE ${schema}.new ADD COLUMN said varchar`)
    await runSql(trino.url, `UPDATE ${schema}.new SET said = 'two' WHERE n = 2`)
    await runSql(trino.url, `DELETE FROM ${schema}.new WHERE n = 3`)
    const rows = await runSql(trino.url, `SELECT n, said FROM ${schema}.new ORDER BY n`)
    expect(rows).toEqual([
      [1, null],
      [2, "two"],
    ])
  })

  it("answers trino-client", async () => {
    const client = Trino.create({ server: trino.url, catalog: trino.catalog, auth: new BasicAuth("oiio") })
    const rows: unknown[] = []
    for await (const page of await client.query("SELECT 40 + 2")) rows.push(...(page.data ?? []))
    expect(rows).toEqual([[42]])
  })

  it("rejects with Trino's own error name", async () => {
    await expect(runSql(trino.url, "SELECT * FROM vast.nowhere.t")).rejects.toThrow(/^SCHEMA_NOT_FOUND/)
  })

  it("takes the password over TLS, and no other, from a client that trusts its authority", async () => {
    const { ca, password } = trino.secure
    expect(await statusOverTls(trino, password, ca)).toBe(200)
    expect(await statusOverTls(trino, "wrong", ca)).toBe(401)
    await expect(statusOverTls(trino, password)).rejects.toThrow(/certificate/)
  })
})

describe("A Trino that is killed", () => {
  let services: Services<{ trino: true }>

  beforeAll(async () => {
    services = await startServices({ trino: true })
    return services.close
  })

  it("keeps committed rows and takes the next MERGE as soon as it is back", async () => {
    const { trino } = services
    const table = `vast."${await freshSchema(trino.address, "kept")}".t`
    await runSql(trino.address.url, `CREATE TABLE ${table} (k varchar, n bigint)`)
    await runSql(trino.address.url, merge(table, [["a", 1]]))
    await trino.kill("SIGKILL")
    await trino.restart()
    await runSql(
      trino.address.url,
      merge(table, [
        ["a", 2],
        ["b", 3],
      ]),
    )
    expect(await runSql(trino.address.url, `SELECT k, n FROM ${table} ORDER BY k`)).toEqual([
      ["a", 2],
      ["b", 3],
    ])
  })
})
