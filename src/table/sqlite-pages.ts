/** Pages of rows in SQLite: every statement begins in an index at the row behind the page before. */

import type { Result } from "../events/result.ts"
import type { State } from "../state/index.ts"
import type { ElementsPageQuery, OutputsQuery, PagedReads, SequencesQuery } from "./pages.ts"
import { beginningWith, type Condition, columnsOf, knownSource, type Value, whereOf } from "./sqlite-conditions.ts"
import { isScanned, scannedTilesPage } from "./sqlite-scanned-tiles.ts"
import { ELEMENTS, PROXY_OUTPUTS, SEQUENCES } from "./sqlite-schema.ts"
import { isFrameOf, isShot } from "./sqlite-tiles.ts"
import { tilesPage } from "./sqlite-tiles-page.ts"

/** Of an object's rows the one that its outputs show comes last in this order. */
const rankOf = (row: string): string =>
  `(coalesce(${row}file_id = e.file_id, 0), ${row}generated_timestamp, ${row}proxy_id)`

const OUTPUT_STATE = `CASE
  WHEN e.state = 'removed' OR e.failure_code = 'source/gone' THEN 'removed'
  WHEN EXISTS (
    SELECT 1 FROM proxy_outputs AS q
    WHERE q.s3_bucket = p.s3_bucket AND q.s3_key = p.s3_key AND ${rankOf("q.")} > ${rankOf("p.")}) THEN 'superseded'
  ELSE 'current' END`

const LISTED = `SELECT ${columnsOf(PROXY_OUTPUTS, "p.")}, ${OUTPUT_STATE} AS state FROM proxy_outputs AS p
  LEFT JOIN elements AS e ON e.bucket = p.s3_bucket AND e.key = p.s3_key`

const IS_FRAME = `EXISTS (SELECT 1 FROM (SELECT ? AS folder, ? AS head, ? AS tail) AS w
  WHERE ${isFrameOf("p.s3_key", { folder: "w.folder", head: "w.head", tail: "w.tail" })})`

const PLACE = "p.s3_bucket, p.s3_key, p.generated_timestamp, p.proxy_id"

function outputsStatement(query: OutputsQuery) {
  const { bucket, prefix, fileId, assetId, sequence, state, since, until, order, after } = query
  const isByKey = order === "key"
  const { where, values } = whereOf([
    ["p.s3_bucket = ?", sequence?.bucket ?? bucket],
    ...beginningWith("p.s3_key", sequence === undefined ? prefix : `${sequence.folder}${sequence.head}`),
    [IS_FRAME, sequence?.folder, sequence?.head, sequence?.tail],
    ["p.file_id = ?", fileId],
    ["p.asset_id = ?", assetId],
    ["p.generated_timestamp >= ?", since],
    ["p.generated_timestamp < ?", until],
    [`${OUTPUT_STATE} = ?`, state],
    isByKey
      ? [`(${PLACE}) > (?, ?, ?, ?)`, after?.s3_bucket, after?.s3_key, after?.generated_timestamp, after?.proxy_id]
      : ["(p.generated_timestamp, p.proxy_id) < (?, ?)", after?.generated_timestamp, after?.proxy_id],
  ])
  const sorted = isByKey ? PLACE : "p.generated_timestamp DESC, p.proxy_id DESC"
  return { sql: `${LISTED} ${where} ORDER BY ${sorted} LIMIT ?`, values: [...values, query.limit] }
}

const failedOnly = ({ bucket, prefix }: Pick<ElementsPageQuery, "bucket" | "prefix">): readonly Condition[] => [
  ["state = 'failed'"],
  ["bucket = ?", bucket],
  ...beginningWith("key", prefix),
]

function elementsStatement({ states, bucket, prefix, code, limit, after }: ElementsPageQuery) {
  const { where, values } = whereOf([
    // As the index of failures alone says it, so that it is found.
    [states.length === 1 ? `state = '${states[0]}'` : `state IN (${states.map((state) => `'${state}'`).join(", ")})`],
    ["failure_code = ?", code],
    ["bucket = ?", bucket],
    ...beginningWith("key", prefix),
    ["(bucket, key) > (?, ?)", after?.bucket, after?.key],
  ])
  const sql = `SELECT ${columnsOf(ELEMENTS, "")} FROM elements ${where} ORDER BY bucket, key LIMIT ?`
  return { sql, values: [...values, limit] }
}

const NAME = "bucket, folder, head, tail"

function sequencesStatement({ bucket, prefix, state, order, limit, after }: SequencesQuery) {
  const isByName = order === "name"
  const { where, values } = whereOf([
    [isShot("")],
    ["bucket = ?", bucket],
    ["substr(folder || head || '#' || tail, 1, length(?)) = ?", prefix, prefix],
    ["state = ?", state],
    isByName
      ? [`(${NAME}) > (?, ?, ?, ?)`, after?.bucket, after?.folder, after?.head, after?.tail]
      : [
          `(-changed_at_ms, ${NAME}) > (?, ?, ?, ?, ?)`,
          ...(after === undefined ? [undefined] : [-after.changed_at_ms]),
          ...[after?.bucket, after?.folder, after?.head, after?.tail],
        ],
  ])
  const sorted = isByName ? NAME : `changed_at_ms DESC, ${NAME}`
  const sql = `SELECT ${columnsOf(SEQUENCES, "")} FROM sequences ${where} ORDER BY ${sorted} LIMIT ?`
  return { sql, values: [...values, limit] }
}

export function pagedReads(state: State): PagedReads {
  const rows = async <Row>({
    sql,
    values,
  }: {
    sql: string
    values: readonly Value[]
  }): Promise<Result<readonly Row[]>> =>
    state.read("table", () => state.sql(sql).all(...values) as unknown as readonly Row[])
  const one = async <Row>(sql: string, value: string): Promise<Result<Row | null>> =>
    state.read("table", () => (state.sql(sql).get(value) ?? null) as Row | null)
  return {
    outputsPage: (query) => rows(outputsStatement(query)),
    output: (proxyId) => one(`${LISTED} WHERE p.proxy_id = ?`, proxyId),
    lookUp: async (sources) => state.read("table", () => sources.map((source) => knownSource(state, source))),
    elementsPage: (query) => rows(elementsStatement(query)),
    failureCounts: (query) => {
      const { where, values } = whereOf(failedOnly(query))
      const sql = `SELECT coalesce(failure_code, '') AS code, count(*) AS count FROM elements ${where} GROUP BY 1 ORDER BY 2 DESC, 1`
      return rows({ sql, values })
    },
    sequencesPage: (query) => rows(sequencesStatement(query)),
    sequence: (id) => one(`SELECT ${columnsOf(SEQUENCES, "")} FROM sequences WHERE sequence_id = ?`, id),
    tilesPage: async (query) =>
      isScanned(query) ? scannedTilesPage(state, query) : state.read("table", () => tilesPage(state, query)),
  }
}
