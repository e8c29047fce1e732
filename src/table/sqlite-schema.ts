import type { State } from "../state/index.ts"
import type { Rows } from "./index.ts"
import { type ElementRow, PROXY_OUTPUT_COLUMNS, type ProxyOutputRow } from "./rows.ts"

type Column = { readonly name: string; readonly type: "TEXT" | "INTEGER" | "REAL"; readonly nullable: boolean }

/** A projection: its columns in order, the key of a row, and the column whose greater value wins. */
export type Projection = {
  readonly name: "proxy_outputs" | "elements"
  readonly columns: readonly Column[]
  readonly key: readonly string[]
  readonly order: string
  /** Stored in key order, which is the order it is asked for. */
  readonly clustered: boolean
}

const NUMBERS: Readonly<Partial<Record<keyof ProxyOutputRow, "INTEGER" | "REAL">>> = {
  thumbnail_size_bytes: "INTEGER",
  proxy_size_bytes: "INTEGER",
  source_size_bytes: "INTEGER",
  processing_time_seconds: "REAL",
}

export const PROXY_OUTPUTS: Projection = {
  name: "proxy_outputs",
  columns: PROXY_OUTPUT_COLUMNS.map((name) => ({ name, type: NUMBERS[name] ?? "TEXT", nullable: false })),
  key: ["proxy_id"],
  order: "generated_timestamp",
  clustered: false,
}

const text = (name: keyof ElementRow): Column => ({ name, type: "TEXT", nullable: false })
const maybe = (name: keyof ElementRow): Column => ({ name, type: "TEXT", nullable: true })
const count = (name: keyof ElementRow): Column => ({ name, type: "INTEGER", nullable: false })

export const ELEMENTS: Projection = {
  name: "elements",
  columns: [
    text("bucket"),
    text("key"),
    text("version_order"),
    text("element_id"),
    text("state"),
    maybe("source_version"),
    maybe("render_key"),
    maybe("file_id"),
    maybe("stage"),
    maybe("failure_code"),
    maybe("failure_kind"),
    maybe("failure_says"),
    count("attempts"),
    count("attempt"),
    maybe("thumbnail_key"),
    maybe("proxy_key"),
    count("changed_at_ms"),
  ],
  key: ["bucket", "key"],
  order: "version_order",
  clustered: true,
}

export const PROJECTIONS: readonly Projection[] = [PROXY_OUTPUTS, ELEMENTS]

/** Name of the table that a rebuild fills beside the live one. */
export const shadowOf = ({ name }: Projection): string => `rebuilt_${name}`

const definition = ({ name, type, nullable }: Column): string => `"${name}" ${type}${nullable ? "" : " NOT NULL"}`

const quoted = (names: readonly string[], prefix = ""): string => names.map((name) => `${prefix}"${name}"`).join(", ")

export const namesOf = ({ columns }: Projection): readonly string[] => columns.map(({ name }) => name)

export function createStatement(projection: Projection, table: string): string {
  const columns = projection.columns.map(definition).join(", ")
  const storage = projection.clustered ? "STRICT, WITHOUT ROWID" : "STRICT"
  return `CREATE TABLE IF NOT EXISTS ${table}(${columns}, PRIMARY KEY(${quoted(projection.key)})) ${storage}`
}

/** A column that a later version appended, for the rows that are there already. */
export const addColumnStatement = ({ name }: Projection, column: Column): string =>
  `ALTER TABLE ${name} ADD COLUMN ${definition(column)}${column.nullable ? "" : ` DEFAULT ${column.type === "TEXT" ? "''" : 0}`}`

export const selectList = (projection: Projection): string => quoted(namesOf(projection))

/**
 * Merging as a join: of two rows with one key the later one stays, and of two equally late ones the greater in all its
 * columns, so that order and repeats do not matter.
 */
function mergeStatement(projection: Projection, table: string): string {
  const names = namesOf(projection)
  const compared = [projection.order, ...names.filter((name) => name !== projection.order)]
  const comparable = (prefix: string): string =>
    compared
      .map((name) => (isNullable(projection, name) ? `coalesce(${prefix}"${name}", '')` : `${prefix}"${name}"`))
      .join(", ")
  return `INSERT INTO ${table}(${quoted(names)}) VALUES (${names.map(() => "?").join(", ")})
    ON CONFLICT(${quoted(projection.key)}) DO UPDATE SET ${names.map((name) => `"${name}" = excluded."${name}"`).join(", ")}
    WHERE (${comparable("excluded.")}) > (${comparable(`${table}.`)})`
}

const isNullable = ({ columns }: Projection, name: string): boolean =>
  columns.some((column) => column.name === name && column.nullable)

/** Merges rows, inside a write. `nameOf` says which tables: the live ones or a rebuild's. */
export function mergeRows(state: State, rows: Rows, nameOf: (projection: Projection) => string): void {
  const put = (projection: Projection, values: readonly (ProxyOutputRow | ElementRow)[]): void => {
    if (values.length === 0) return
    const statement = state.sql(mergeStatement(projection, nameOf(projection)))
    const names = namesOf(projection) as readonly never[]
    for (const row of values) statement.run(...names.map((name) => row[name]))
  }
  put(PROXY_OUTPUTS, rows.proxyOutputs)
  put(ELEMENTS, rows.elements)
}

/** Creates what is absent and adds appended columns, inside a write. */
export function ensureTables({ sql }: State): void {
  for (const projection of PROJECTIONS) {
    sql(createStatement(projection, projection.name)).run()
    const present = new Set(
      sql(`PRAGMA table_info(${projection.name})`)
        .all()
        .map(({ name }) => String(name)),
    )
    for (const column of projection.columns) {
      if (!present.has(column.name)) sql(addColumnStatement(projection, column)).run()
    }
  }
}
