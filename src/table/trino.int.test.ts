import { freshSchema } from "../../test/services/fresh.ts"
import { sharedServices } from "../../test/services/shared.ts"
import { runSql } from "../../test/services/trino-sql.ts"
import { unwrap } from "../events/testing/results.ts"
import { openGate } from "../network/testing/tcp-gate.ts"
import { type TableUnderTest, tableContract } from "./contract.ts"
import { PROXY_OUTPUTS } from "./sqlite-schema.ts"
import { createStatement } from "./trino/ensure.ts"
import { tableName } from "./trino/sql.ts"
import { DEFAULT_TIMEOUTS } from "./trino/timeouts.ts"
import { openTrinoTable } from "./trino.ts"

tableContract("Trino with Iceberg", open, {
  keepsNul: true,
  orders: 4,
  deviations: ["a rebuild moves no offsets: its projector reads on all the time"],
})

async function open(): Promise<TableUnderTest> {
  const { trino } = await sharedServices("trino")
  const [bucket = "", schema = ""] = (await freshSchema(trino, "table")).split("/")
  const gate = await openGate({ host: "127.0.0.1", port: Number(new URL(trino.url).port) })
  const openTable = async (endpoint: string) =>
    unwrap(
      await openTrinoTable({
        endpoint,
        user: "oiio",
        password: null,
        ca: null,
        catalog: trino.catalog,
        bucket,
        schema,
        timeouts: DEFAULT_TIMEOUTS,
      }),
    )
  const [table, reader] = await Promise.all([openTable(`http://127.0.0.1:${gate.port}`), openTable(trino.url)])
  return {
    table,
    reader,
    makeOlder: async () => {
      const older = { ...PROXY_OUTPUTS, columns: PROXY_OUTPUTS.columns.slice(0, -1) }
      const name = tableName({ catalog: trino.catalog, schema: `${bucket}/${schema}` }, older.name)
      await runSql(trino.url, createStatement(name, older))
    },
    positionOf: null,
    breakDown: gate.breakDown,
    dispose: async () => {
      await table.close()
      await reader.close()
      await gate.close()
    },
  }
}
