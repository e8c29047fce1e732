import type { State } from "../state/index.ts"
import type { RebuildReport } from "./index.ts"
import { FILES, INSPECTION_TABLES, type InspectionTable, LISTS } from "./inspection-columns.ts"
import type { Inspection } from "./rows.ts"
import { columnList, createInspectionTable, decisive, insertStatement, valuesOf } from "./sqlite-inspections.ts"
import { shadowOf } from "./sqlite-schema.ts"

/**
 * A rebuild only appends, and then removes what a later inspection replaced: rows of a file carry its rowid in the high
 * part of theirs until they are in place, so that no index is needed meanwhile.
 */
const ROWS_PER_FILE = 2 ** 20

export function createRebuiltInspections({ sql }: State): void {
  for (const table of INSPECTION_TABLES) sql(createInspectionTable(table, shadowOf(table))).run()
}

export function dropRebuiltInspections({ sql }: State): void {
  for (const table of INSPECTION_TABLES) sql(`DROP TABLE IF EXISTS ${shadowOf(table)}`).run()
}

const INSERT_FILE = insertStatement(FILES, shadowOf(FILES))

const INSERTS = LISTS.map(([table, list]) => {
  const places = table.columns.map(() => "?").join(", ")
  return [table, list, `INSERT INTO ${shadowOf(table)}(rowid, ${columnList(table)}) VALUES (?, ${places})`] as const
})

/** Appends inspections to a rebuild's tables, inside a write. */
export function gatherInspections({ sql }: State, inspections: readonly Inspection[]): void {
  for (const inspection of inspections) {
    const file = Number(sql(INSERT_FILE).run(...valuesOf(FILES, inspection.file)).lastInsertRowid)
    for (const [table, list, insert] of INSERTS) {
      const statement = sql(insert)
      inspection[list].forEach((row, index) => {
        statement.run(file * ROWS_PER_FILE + index, ...valuesOf(table, row))
      })
    }
  }
}

/** Leaves of several inspections of one version the latest, as merging would have, inside a write. */
export function keepLatestInspections({ sql }: State): void {
  const latestFirst = decisive("").map((column) => `${column} DESC`)
  const removed = sql(`DELETE FROM ${shadowOf(FILES)} WHERE rowid IN (
    SELECT id FROM (
      SELECT rowid AS id, row_number() OVER (PARTITION BY file_id, s3_bucket ORDER BY ${latestFirst.join(", ")}) AS place
      FROM ${shadowOf(FILES)}
    ) WHERE place > 1)`).run()
  if (Number(removed.changes) === 0) return
  for (const [table] of LISTS) {
    sql(
      `DELETE FROM ${shadowOf(table)} WHERE rowid / ${ROWS_PER_FILE} NOT IN (SELECT rowid FROM ${shadowOf(FILES)})`,
    ).run()
  }
}

/** How the rebuilt rows differ from the live ones. Only files have a key: elsewhere a changed row is one missing and one orphaned. */
export const compareInspections = (state: State): readonly RebuildReport[] =>
  INSPECTION_TABLES.map((table) => compare(state, table))

function compare({ sql }: State, table: InspectionTable): RebuildReport {
  const only = (a: string, b: string): string =>
    `SELECT ${columnList(table)} FROM ${a} EXCEPT SELECT ${columnList(table)} FROM ${b}`
  const [rebuilt, live] = [only(shadowOf(table), table.name), only(table.name, shadowOf(table))]
  const count = (query: string): number => Number(sql(`SELECT count(*) AS rows FROM (${query})`).get()?.rows)
  const [missing, orphaned] = [count(rebuilt), count(live)]
  const different =
    table.name === "files" && missing > 0 && orphaned > 0
      ? count(
          `SELECT 1 FROM (${rebuilt}) AS r JOIN (${live}) AS l ON r.file_id = l.file_id AND r.s3_bucket = l.s3_bucket`,
        )
      : 0
  const rows = Number(sql(`SELECT count(*) AS rows FROM ${shadowOf(table)}`).get()?.rows)
  return { rows, missing: missing - different, different, orphaned: orphaned - different }
}
