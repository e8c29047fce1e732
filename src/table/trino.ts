import { done, failed, failure, type Result } from "../events/result.ts"
import { type Clock, systemClock, within } from "../system/clock.ts"
import { keyedQueue } from "../system/concurrency.ts"
import { currentOutputsQuery } from "./current-outputs.ts"
import type { Rows, Table } from "./index.ts"
import { INSPECTION_TABLES } from "./inspection-columns.ts"
import type { ElementRow, ProxyOutputRow } from "./rows.ts"
import type { SequenceRow } from "./sequence-rows.ts"
import { ELEMENTS, PROXY_OUTPUTS, rowsOf, SEQUENCES } from "./sqlite-schema.ts"
import { storable } from "./storable.ts"
import { deduplicated, statementParts } from "./trino/batch.ts"
import { type Connection, openConnection, type TrinoConnection } from "./trino/connection.ts"
import { checkTables, columnsOf, ensureTables } from "./trino/ensure.ts"
import { mergeInspections } from "./trino/inspection-merge.ts"
import { trinoPagedReads } from "./trino/pages.ts"
import { conditionOf, countRows, oneElement, readInspection, scanRows } from "./trino/read.ts"
import { deadTables, dropDead, rebuildUnderWay, startRebuild } from "./trino/rebuild.ts"
import { isName, mergeStatement, type TrinoSchema, tableName } from "./trino/sql.ts"
import { commit, forEachProjection, inTurn } from "./trino/statement.ts"

export type TrinoTableOptions = TrinoConnection & {
  /** Name of the catalog: `vast`. */
  readonly catalog: string
  /** Database-enabled bucket and the schema in it, which may be nested: `vast."bucket/schema".proxy_outputs`. */
  readonly bucket: string
  readonly schema: string
  readonly clock?: Clock
  readonly random?: () => number
}

/** The projections, and their upkeep. */
export type TrinoTable = Table & {
  /**
   * Rewrites the many small files that merging leaves into few (`ALTER TABLE ... EXECUTE optimize`): for an operator's
   * schedule, once a day or after 400 merges; nothing here does it by itself. Refused where the catalog has no such thing.
   */
  optimize(): Promise<Result<void>>
}

/**
 * The projections in Trino, as VAST DataBase or any catalog that takes MERGE. Fails within `timeouts.startMs`, naming the
 * setting: table/unreachable (VAST_DB_ENDPOINT), table/refused (credentials, permissions, catalog), config/invalid (names).
 *
 * - Merging is one guarded MERGE per table and batch, in order, safe to repeat after a lost answer. Where another writer
 *   commits first it tries again for some seconds, then says table/conflict.
 * - An error that is not the statement's own fault is an outage, also where it lies behind Trino.
 * - Reading is one statement, so one moment; a server ends it when nobody asks for the next page for minutes.
 * - A rebuild merges into the live table while others go on writing; it moves no offsets.
 */
export async function openTrinoTable(options: TrinoTableOptions): Promise<Result<TrinoTable>> {
  const wrong = wrongSetting(options)
  if (wrong !== null) return failed(failure("config/invalid", wrong))
  const { clock = systemClock, random = Math.random } = options
  const connection = openConnection(options, { clock, random })
  const schema = { catalog: options.catalog, schema: `${options.bucket}/${options.schema}` }
  const answered = await withinStart(connection, columnsOf(connection, schema, PROXY_OUTPUTS.name))
  if (answered.ok) return done(tableOf(connection, schema))
  connection.close()
  return answered
}

/**
 * Names of the tables that are not there yet; makes none. Fails as {@link openTrinoTable}, and where one may not be
 * written.
 */
export async function checkTrinoTables(options: TrinoTableOptions): Promise<Result<readonly string[]>> {
  const wrong = wrongSetting(options)
  if (wrong !== null) return failed(failure("config/invalid", wrong))
  const { clock = systemClock, random = Math.random } = options
  const connection = openConnection(options, { clock, random })
  const schema = { catalog: options.catalog, schema: `${options.bucket}/${options.schema}` }
  const found = await withinStart(connection, checkTables(connection, schema))
  connection.close()
  return found
}

function wrongSetting({ endpoint, catalog, bucket, schema }: TrinoTableOptions): string | null {
  if (!(/^https?:\/\/[^/]/.test(endpoint) && URL.canParse(endpoint)))
    return "VAST_DB_ENDPOINT is no http or https address."
  if (!isName(catalog)) return `${JSON.stringify(catalog)} can be no catalog.`
  if (!isName(bucket) || bucket.includes("/")) return `VAST_DB_BUCKET ${JSON.stringify(bucket)} can be no bucket.`
  return isName(schema) ? null : `VAST_DB_SCHEMA ${JSON.stringify(schema)} can be no schema.`
}

function withinStart<T>({ clock, host, timeouts }: Connection, answer: Promise<Result<T>>): Promise<Result<T>> {
  const { startMs: ms } = timeouts
  const says = `Trino at ${host} did not answer within ${ms / 1000} s: check VAST_DB_ENDPOINT.`
  return within({ clock, ms, late: () => failed(failure("table/unreachable", says)) }, answer)
}

function tableOf(connection: Connection, schema: TrinoSchema): TrinoTable {
  const [outputs, elements] = [tableName(schema, PROXY_OUTPUTS.name), tableName(schema, ELEMENTS.name)]
  const queue = keyedQueue()
  // Two merges at once would only make each other try again.
  const inOrder = <T>(work: () => Promise<T>): Promise<T> => queue("merges", work)
  let rebuilding = false
  const scanElements = (where: string) =>
    scanRows<ElementRow>(connection, { projection: ELEMENTS, table: elements, where, order: ["bucket", "key"] })
  return {
    ensure: () => inOrder(() => ensureTables(connection, schema)),
    merge: (rows) => inOrder(() => mergeRows(connection, schema, rows)),
    proxyOutputs: () =>
      scanRows<ProxyOutputRow>(connection, {
        projection: PROXY_OUTPUTS,
        table: outputs,
        where: "",
        order: OUTPUT_ORDER,
      }),
    currentOutputs: () =>
      scanRows<ProxyOutputRow>(connection, {
        projection: PROXY_OUTPUTS,
        // Not the view: not every catalog has one, and not everybody may make one.
        table: `(${currentOutputsQuery(outputs, elements)})`,
        where: "",
        order: ["s3_bucket", "s3_key"],
      }),
    elements: (query = {}) => scanElements(conditionOf(query)),
    countElements: (query = {}) => countRows(connection, elements, conditionOf(query)),
    element: async (bucket, key) => {
      for await (const row of scanElements(oneElement({ bucket, key }))) return row
      return done(null)
    },
    sequences: () =>
      scanRows<SequenceRow>(connection, {
        projection: SEQUENCES,
        table: tableName(schema, SEQUENCES.name),
        where: "",
        order: ["bucket", "folder", "head", "tail"],
      }),
    ...trinoPagedReads(connection, schema),
    inspection: (inBucket, fileId) => readInspection(connection, schema, { bucket: inBucket, fileId }),
    rebuild: async () => {
      if (rebuilding) return rebuildUnderWay()
      rebuilding = true
      const started = await startRebuild(connection, schema, () => {
        rebuilding = false
      })
      rebuilding = started.ok
      return started
    },
    leftovers: () => deadTables(connection, schema),
    dropLeftovers: () => dropDead(connection, schema),
    optimize: async () => {
      const optimize = ({ name }: { readonly name: string }) =>
        commit(connection, `ALTER TABLE ${tableName(schema, name)} EXECUTE optimize`)
      const optimized = await forEachProjection(optimize)
      return optimized.ok ? inTurn(INSPECTION_TABLES.map((table) => () => optimize(table))) : optimized
    },
    close: async () => connection.close(),
  }
}

const OUTPUT_ORDER = ["s3_bucket", "s3_key", "generated_timestamp", "proxy_id"]

async function mergeRows(connection: Connection, schema: TrinoSchema, rows: Rows): Promise<Result<void>> {
  const fitting = storable(rows)
  if (!fitting.ok) return fitting
  const merged = await forEachProjection(async (projection) => {
    const own = deduplicated(projection, rowsOf(rows, projection))
    const table = tableName(schema, projection.name)
    return inTurn(
      [...statementParts(projection, own)].map(
        (part) => () => commit(connection, mergeStatement(projection, table, part)),
      ),
    )
  })
  return merged.ok ? mergeInspections(connection, schema, rows.inspections ?? []) : merged
}
