/**
 * The tables about headers in SQLite: their statements, merging and reading them, and rebuilding them beside the live
 * ones.
 */

import type { Result } from "../events/result.ts"
import type { State } from "../state/index.ts"
import type { RebuildReport } from "./index.ts"
import {
  ATTRIBUTES,
  CHANNELS,
  FILES,
  INSPECTION_TABLES,
  type InspectionColumn,
  type InspectionTable,
  type Kind,
  LISTS,
  PARTS,
} from "./inspection-columns.ts"
import type { AttributeRow, ChannelRow, FileRow, Inspection, PartRow } from "./rows.ts"
import { shadowOf } from "./sqlite-schema.ts"

const TYPES: Readonly<Record<Kind, string>> = {
  text: "TEXT",
  int32: "INTEGER",
  int64: "INTEGER",
  bool: "INTEGER",
  float32: "REAL",
  float64: "REAL",
  vector: "BLOB",
}

const definition = ({ name, kind, nullable }: InspectionColumn): string =>
  `"${name}" ${TYPES[kind]}${nullable ? "" : " NOT NULL"}`

const createInspectionTable = ({ columns }: InspectionTable, name: string): string =>
  `CREATE TABLE IF NOT EXISTS ${name}(${columns.map(definition).join(", ")}) STRICT`

const columnList = ({ columns }: InspectionTable, prefix = ""): string =>
  columns.map(({ name }) => `${prefix}"${name}"`).join(", ")

/** A column that a later version appended, for the rows that are there already. */
const addColumn = (table: string, column: InspectionColumn): string => {
  const absent = TYPES[column.kind] === "TEXT" ? "''" : "0"
  return `ALTER TABLE ${table} ADD COLUMN ${definition(column)}${column.nullable ? "" : ` DEFAULT ${absent}`}`
}

/** Creates absent tables and adds appended columns, inside a write. */
export function ensureInspectionTables({ sql }: State): void {
  for (const table of INSPECTION_TABLES) {
    sql(createInspectionTable(table, table.name)).run()
    const present = new Set(
      sql(`PRAGMA table_info(${table.name})`)
        .all()
        .map(({ name }) => String(name)),
    )
    for (const column of table.columns) if (!present.has(column.name)) sql(addColumn(table.name, column)).run()
  }
}

/** One row of files a version; the rows of the other tables lie as they come and are found by their file. */
export function ensureInspectionKeys({ sql }: State): void {
  sql("CREATE UNIQUE INDEX IF NOT EXISTS files_key ON files(file_id, s3_bucket)").run()
  for (const [{ name }] of LISTS) sql(`CREATE INDEX IF NOT EXISTS ${name}_file ON ${name}(file_id)`).run()
}

/** Columns of files in the order that decides which of two inspections of one version stays. */
const decisive = (prefix: string): readonly string[] => {
  const names = FILES.columns.map(({ name }) => name).filter((name) => name !== "inspection_timestamp")
  return ["inspection_timestamp", ...names].map((name) => `coalesce(${prefix}"${name}", '')`)
}

const insertStatement = (table: InspectionTable, name: string): string =>
  `INSERT INTO ${name}(${columnList(table)}) VALUES (${table.columns.map(() => "?").join(", ")})`

const MERGE_FILE = `${insertStatement(FILES, "files")}
  ON CONFLICT(file_id, s3_bucket) DO UPDATE SET ${FILES.columns.map(({ name }) => `"${name}" = excluded."${name}"`).join(", ")}
  WHERE (${decisive("excluded.").join(", ")}) > (${decisive("files.").join(", ")})`

const STATEMENTS = LISTS.map(
  ([table, list]) =>
    [
      table,
      list,
      insertStatement(table, table.name),
      `DELETE FROM ${table.name} WHERE file_id = ? AND s3_bucket = ?`,
    ] as const,
)

/**
 * Merges inspections, inside a write: all rows of a version are replaced together, and readers see the old ones or the
 * new ones. One that is not later than what is there changes nothing.
 */
export function mergeInspections({ sql }: State, inspections: readonly Inspection[]): void {
  for (const inspection of inspections) {
    const { file } = inspection
    const { changes } = sql(MERGE_FILE).run(...valuesOf(FILES, file))
    if (Number(changes) === 0) continue
    for (const [table, list, insert, remove] of STATEMENTS) {
      sql(remove).run(file.file_id, file.s3_bucket)
      const statement = sql(insert)
      for (const row of inspection[list]) statement.run(...valuesOf(table, row))
    }
  }
}

type Row = FileRow | PartRow | ChannelRow | AttributeRow
type Value = string | number | null

const valuesOf = ({ columns }: InspectionTable, row: Row): Value[] =>
  columns.map(({ name }) => {
    const value = (row as Readonly<Record<string, Value | boolean>>)[name] ?? null
    return typeof value === "boolean" ? Number(value) : value
  })

/** All rows of one version as they are at one moment, null where it was not inspected. */
export const readInspection = (state: State, bucket: string, fileId: string): Result<Inspection | null> =>
  state.read("table", () => {
    state.sql("BEGIN").run()
    try {
      return inspectionOf(state, bucket, fileId)
    } finally {
      state.sql("COMMIT").run()
    }
  })

function inspectionOf(state: State, bucket: string, fileId: string): Inspection | null {
  const [file] = rowsOf<FileRow>(state, FILES, bucket, fileId)
  if (file === undefined) return null
  return {
    file,
    parts: rowsOf<PartRow>(state, PARTS, bucket, fileId),
    channels: rowsOf<ChannelRow>(state, CHANNELS, bucket, fileId),
    attributes: rowsOf<AttributeRow>(state, ATTRIBUTES, bucket, fileId),
  }
}

function rowsOf<T>({ sql }: State, table: InspectionTable, bucket: string, fileId: string): readonly T[] {
  const query = `SELECT ${columnList(table)} FROM ${table.name} WHERE file_id = ? AND s3_bucket = ? ORDER BY rowid`
  const switches = table.columns.filter(({ kind }) => kind === "bool").map(({ name }) => name)
  return sql(query)
    .all(fileId, bucket)
    .map((row) => ({ ...row, ...Object.fromEntries(switches.map((name) => [name, row[name] === 1])) }) as T)
}

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

/**
 * How the rebuilt rows differ from the live ones. Only files have a key: elsewhere a changed row is one missing and one
 * orphaned.
 */
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
