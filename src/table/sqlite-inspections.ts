import type { Result } from "../events/result.ts"
import type { State } from "../state/index.ts"
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

export const createInspectionTable = ({ columns }: InspectionTable, name: string): string =>
  `CREATE TABLE IF NOT EXISTS ${name}(${columns.map(definition).join(", ")}) STRICT`

export const columnList = ({ columns }: InspectionTable, prefix = ""): string =>
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
export const decisive = (prefix: string): readonly string[] => {
  const names = FILES.columns.map(({ name }) => name).filter((name) => name !== "inspection_timestamp")
  return ["inspection_timestamp", ...names].map((name) => `coalesce(${prefix}"${name}", '')`)
}

export const insertStatement = (table: InspectionTable, name: string): string =>
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

export const valuesOf = ({ columns }: InspectionTable, row: Row): Value[] =>
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
