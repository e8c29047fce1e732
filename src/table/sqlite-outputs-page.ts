/** Pages of outputs in SQLite, in either order. */

import { setImmediate as nextTurn } from "node:timers/promises"
import { done, type Result } from "../events/result.ts"
import type { State } from "../state/index.ts"
import { behindPrefix, type ListedOutput, type OutputPlace, type OutputsQuery } from "./pages.ts"
import { beginningWith, type Condition, columnsOf, whereOf } from "./sqlite-conditions.ts"
import { PROXY_OUTPUTS } from "./sqlite-schema.ts"
import { isFrameOf } from "./sqlite-tiles.ts"

/** Of an object's rows the one that its outputs show comes last in this order. */
const rankOf = (row: string): string =>
  `(coalesce(${row}file_id = e.file_id, 0), ${row}generated_timestamp, ${row}proxy_id)`

const OUTPUT_STATE = `CASE
  WHEN e.state = 'removed' OR e.failure_code = 'source/gone' THEN 'removed'
  WHEN EXISTS (
    SELECT 1 FROM proxy_outputs AS q
    WHERE q.s3_bucket = p.s3_bucket AND q.s3_key = p.s3_key AND ${rankOf("q.")} > ${rankOf("p.")}) THEN 'superseded'
  ELSE 'current' END`

/** Outputs with their state. */
export const LISTED = `SELECT ${columnsOf(PROXY_OUTPUTS, "p.")}, ${OUTPUT_STATE} AS state FROM proxy_outputs AS p
  LEFT JOIN elements AS e ON e.bucket = p.s3_bucket AND e.key = p.s3_key`

const IS_FRAME = `EXISTS (SELECT 1 FROM (SELECT ? AS folder, ? AS head, ? AS tail) AS w
  WHERE ${isFrameOf("p.s3_key", { folder: "w.folder", head: "w.head", tail: "w.tail" })})`

const PLACE = "p.s3_bucket, p.s3_key, p.generated_timestamp, p.proxy_id"

const beginning = ({ prefix, sequence }: OutputsQuery): string =>
  sequence === undefined ? (prefix ?? "") : `${sequence.folder}${sequence.head}`

/** Where in its order a page can begin. */
function lower(query: OutputsQuery): readonly Condition[] {
  if (query.after !== undefined) return [behind(query)]
  if (query.order === "newest") return [["p.generated_timestamp < ?", query.until]]
  return [["(p.s3_bucket, p.s3_key) >= (?, ?)", query.sequence?.bucket ?? query.bucket, beginning(query)]]
}

/** Where everything ends that is wanted. */
function upper(query: OutputsQuery): readonly Condition[] {
  if (query.order === "newest") return [["p.generated_timestamp >= ?", query.since]]
  const [bucket, end] = [query.sequence?.bucket ?? query.bucket, behindPrefix(beginning(query))]
  return end === null ? [["p.s3_bucket <= ?", bucket]] : [["(p.s3_bucket, p.s3_key) < (?, ?)", bucket, end]]
}

/** With a plus, so that the index of the order is gone through and no other. */
function filtersOf(query: OutputsQuery): readonly Condition[] {
  const { bucket, fileId, assetId, sequence, state, since, until } = query
  return [
    ["+p.s3_bucket = ?", sequence?.bucket ?? bucket],
    ...beginningWith("+p.s3_key", beginning(query)),
    [IS_FRAME, sequence?.folder, sequence?.head, sequence?.tail],
    ["p.file_id = ?", fileId],
    ["p.asset_id = ?", assetId],
    ["+p.generated_timestamp >= ?", since],
    ["+p.generated_timestamp < ?", until],
    [`${OUTPUT_STATE} = ?`, state],
  ]
}

const behind = ({ order, after }: OutputsQuery): Condition =>
  order === "key"
    ? [`(${PLACE}) > (?, ?, ?, ?)`, after?.s3_bucket, after?.s3_key, after?.generated_timestamp, after?.proxy_id]
    : ["(p.generated_timestamp, p.proxy_id) < (?, ?)", after?.generated_timestamp, after?.proxy_id]

const upTo = ({ order }: OutputsQuery, end: OutputPlace): Condition =>
  order === "key"
    ? [`(${PLACE}) <= (?, ?, ?, ?)`, end.s3_bucket, end.s3_key, end.generated_timestamp, end.proxy_id]
    : ["(p.generated_timestamp, p.proxy_id) >= (?, ?)", end.generated_timestamp, end.proxy_id]

const sortedBy = ({ order }: OutputsQuery): string =>
  order === "key" ? PLACE : "p.generated_timestamp DESC, p.proxy_id DESC"

/** Rows that are gone through before others have their turn: some milliseconds. */
const SLICE_ROWS = 5_000

/**
 * Where no index knows what is wanted all rows behind the page before may have to be looked at: a slice after the other, so that
 * others who work in this process wait for no more than one. Each is of its own moment, as pages are.
 */
export async function outputsPage(
  state: State,
  query: OutputsQuery,
  sliceRows = SLICE_ROWS,
): Promise<Result<readonly ListedOutput[]>> {
  const isFound = query.fileId !== undefined || query.assetId !== undefined
  const found: ListedOutput[] = []
  for (let after = query.after; ; await nextTurn()) {
    const from = lower({ ...query, after })
    const slice = state.read("table", () => {
      const end = isFound ? undefined : endOf(state, query, { from: [...from, ...upper(query)], sliceRows })
      const conditions = [...from, ...(end === undefined ? upper(query) : [upTo(query, end)])]
      const { where, values } = whereOf([...conditions, ...filtersOf(query)])
      const statement = state.sql(`${LISTED} ${where} ORDER BY ${sortedBy(query)} LIMIT ?`)
      found.push(...(statement.all(...values, query.limit - found.length) as unknown as readonly ListedOutput[]))
      return end
    })
    if (!slice.ok) return slice
    if (slice.value === undefined || found.length === query.limit) return done(found)
    after = slice.value
  }
}

type Slice = { readonly from: readonly Condition[]; readonly sliceRows: number }

/** The last row of a slice, undefined where no whole one is left. */
function endOf({ sql }: State, query: OutputsQuery, { from, sliceRows }: Slice): OutputPlace | undefined {
  const { where, values } = whereOf(from)
  const statement = sql(`SELECT ${PLACE} FROM proxy_outputs AS p ${where} ORDER BY ${sortedBy(query)} LIMIT 1 OFFSET ?`)
  return statement.get(...values, sliceRows - 1) as OutputPlace | undefined
}
