import { onTestFinished } from "vitest"
import { freshName } from "../../../test/services/fresh.ts"
import { sharedServices } from "../../../test/services/shared.ts"
import type { TrinoAddress } from "../../../test/services/trino.ts"
import { runSql } from "../../../test/services/trino-sql.ts"
import { unwrap } from "../../events/testing/results.ts"
import { DEFAULT_TIMEOUTS } from "../trino/timeouts.ts"
import { openTrinoTable, type TrinoTable, type TrinoTableOptions } from "../trino.ts"

export type TrinoBench = {
  readonly trino: TrinoAddress
  readonly options: TrinoTableOptions
  /** `vast."bucket/schema"`. */
  readonly schema: string
  /** A table over it, ensured, closed after the test. */
  table(with_?: Partial<TrinoTableOptions>): Promise<TrinoTable>
  sql(statement: string): Promise<readonly (readonly unknown[])[]>
}

/** A schema of this test's own on the shared Trino, not made yet. */
export async function trinoBench(): Promise<TrinoBench> {
  const { trino } = await sharedServices("trino")
  const options: TrinoTableOptions = {
    endpoint: trino.url,
    user: "oiio",
    password: null,
    ca: null,
    catalog: trino.catalog,
    bucket: freshName("renders"),
    schema: "exr_metadata",
    timeouts: DEFAULT_TIMEOUTS,
  }
  return {
    trino,
    options,
    schema: `${trino.catalog}."${options.bucket}/${options.schema}"`,
    table: async (with_ = {}) => {
      const table = unwrap(await openTrinoTable({ ...options, ...with_ }))
      onTestFinished(() => table.close())
      unwrap(await table.ensure())
      return table
    },
    sql: (statement) => runSql(trino.url, statement),
  }
}
