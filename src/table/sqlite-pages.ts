/** Pages of rows in SQLite: every statement begins in an index at the row behind the page before. */

import type { Result } from "../events/result.ts"
import type { State } from "../state/index.ts"
import type { ElementsPageQuery, PagedReads, SequencesQuery } from "./pages.ts"
import { beginningWith, type Condition, columnsOf, knownSource, type Value, whereOf } from "./sqlite-conditions.ts"
import { LISTED, outputsPage } from "./sqlite-outputs-page.ts"
import { isScanned, scannedTilesPage } from "./sqlite-scanned-tiles.ts"
import { ELEMENTS, SEQUENCES } from "./sqlite-schema.ts"
import { isShot } from "./sqlite-tiles.ts"
import { tilesPage } from "./sqlite-tiles-page.ts"

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
    outputsPage: (query) => outputsPage(state, query),
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
