import type { State } from "../state/index.ts"
import { CURRENT_OUTPUTS, currentOutputsQuery } from "./current-outputs.ts"
import type { Rows } from "./index.ts"
import { type ElementRow, PROXY_OUTPUT_COLUMNS, type ProxyOutputRow } from "./rows.ts"
import type { SequenceRow } from "./sequence-rows.ts"

type Column = { readonly name: string; readonly type: "TEXT" | "INTEGER" | "REAL"; readonly nullable: boolean }

/** A projection: its columns in order, the key of a row, and the column whose greater value wins. */
export type Projection = {
  readonly name: "proxy_outputs" | "elements" | "sequences"
  readonly columns: readonly Column[]
  readonly key: readonly string[]
  readonly order: string
  /**
   * clustered: stored in key order, which is the order it is asked for. heap: stored as it comes, with an index on the
   * key; for keys that are spread at random, where each insert in key order would touch another page.
   */
  readonly storage: "clustered" | "heap"
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
  storage: "heap",
}

type ColumnName = keyof ElementRow | keyof SequenceRow

const text = (name: ColumnName): Column => ({ name, type: "TEXT", nullable: false })
const maybe = (name: ColumnName): Column => ({ name, type: "TEXT", nullable: true })
const number = (name: ColumnName): Column => ({ name, type: "INTEGER", nullable: true })
const count = (name: ColumnName): Column => ({ name, type: "INTEGER", nullable: false })

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
  storage: "clustered",
}

export const SEQUENCES: Projection = {
  name: "sequences",
  columns: [
    ...(["bucket", "folder", "head", "tail", "version_order", "sequence_id", "state", "revision"] as const).map(text),
    ...(["frames_made", "frames_failed", "frames_missing", "frames_held", "gaps"] as const).map(text),
    ...(["movie_key", "manifest_key", "poster_key", "sprites_key", "sprites_vtt_key"] as const).map(maybe),
    ...(["movie_size_bytes", "movie_frames"] as const).map(count),
    ...(["movie_resolution", "frame_rate", "timecode", "failure_code", "failure_says"] as const).map(maybe),
    count("changed_at_ms"),
    number("is_sound"),
    ...(["frames_duplicate", "frames_outside"] as const).map(text),
    ...(["first_frame", "first_frame_expected"] as const).map(number),
    ...(["drift", "frames_drifted", "frames_timecode_jump", "frames_black", "frames_nearly_black"] as const).map(text),
    ...(["frames_frozen", "frames_non_finite"] as const).map(text),
    count("non_finite_samples"),
    text("frames_unhashed"),
    maybe("report_json"),
    maybe("review_key"),
    ...(["review_size_bytes", "review_frames"] as const).map(number),
    ...(["review_failure_code", "review_failure_says"] as const).map(maybe),
  ],
  key: ["bucket", "folder", "head", "tail"],
  order: "version_order",
  storage: "clustered",
}

export const PROJECTIONS: readonly Projection[] = [PROXY_OUTPUTS, ELEMENTS, SEQUENCES]

/** Name of the table that takes the live one's place at the end of a rebuild. */
export const shadowOf = ({ name }: { readonly name: string }): string => `rebuilt_${name}`

/**
 * Name of the heap that a rebuild appends to, which costs half of merging row by row. A heap's shadow is that heap; a
 * clustered table's is made from it in one go.
 */
export const gatheredOf = (projection: Projection): string =>
  projection.storage === "heap" ? shadowOf(projection) : `gathered_${projection.name}`

const definition = ({ name, type, nullable }: Column): string => `"${name}" ${type}${nullable ? "" : " NOT NULL"}`

const quoted = (names: readonly string[], prefix = ""): string => names.map((name) => `${prefix}"${name}"`).join(", ")

export const namesOf = ({ columns }: Projection): readonly string[] => columns.map(({ name }) => name)

/** Creates a table; a heap gets its key from {@link keyIndexStatement}. */
export function createStatement(projection: Projection, table: string): string {
  if (projection.storage === "heap") return createHeapStatement(projection, table)
  const key = `PRIMARY KEY(${quoted(projection.key)})`
  return `CREATE TABLE IF NOT EXISTS ${table}(${definitions(projection)}, ${key}) STRICT, WITHOUT ROWID`
}

/** Rows lie as they come, without a key. */
export const createHeapStatement = (projection: Projection, table: string): string =>
  `CREATE TABLE IF NOT EXISTS ${table}(${definitions(projection)}) STRICT`

const definitions = ({ columns }: Projection): string => columns.map(definition).join(", ")

/** The key of the live table, where it is a heap. */
export const keyIndexStatement = ({ name, key }: Projection): string =>
  `CREATE UNIQUE INDEX IF NOT EXISTS ${name}_key ON ${name}(${quoted(key)})`

/** A column that a later version appended, for the rows that are there already. */
export const addColumnStatement = ({ name }: Projection, column: Column): string =>
  `ALTER TABLE ${name} ADD COLUMN ${definition(column)}${column.nullable ? "" : ` DEFAULT ${column.type === "TEXT" ? "''" : 0}`}`

export const selectList = (projection: Projection): string => quoted(namesOf(projection))

/** Columns in the order that decides which of two rows with one key stays: the later one, else the greater one. */
const decisive = (projection: Projection, prefix: string): readonly string[] =>
  [projection.order, ...namesOf(projection).filter((name) => name !== projection.order)].map((name) =>
    isNullable(projection, name) ? `coalesce(${prefix}"${name}", '')` : `${prefix}"${name}"`,
  )

const isNullable = ({ columns }: Projection, name: string): boolean =>
  columns.some((column) => column.name === name && column.nullable)

const insertStatement = (projection: Projection, table: string): string =>
  `INSERT INTO ${table}(${selectList(projection)}) VALUES (${projection.columns.map(() => "?").join(", ")})`

/**
 * Merging as a join: of two rows with one key the later one stays, and of two equally late ones the greater in all its
 * columns, so that order and repeats do not matter.
 */
const mergeStatement = (projection: Projection, table: string): string =>
  `${insertStatement(projection, table)} ${onConflict(projection, table)}`

/** The same for all rows of another table, in key order: each page is then written once. */
export const mergeAllStatement = (projection: Projection, from: string, table: string): string =>
  `INSERT INTO ${table}(${selectList(projection)}) SELECT ${selectList(projection)} FROM ${from} WHERE true
   ORDER BY ${quoted(projection.key)} ${onConflict(projection, table)}`

const onConflict = (projection: Projection, table: string): string =>
  `ON CONFLICT(${quoted(projection.key)})
   DO UPDATE SET ${namesOf(projection)
     .map((name) => `"${name}" = excluded."${name}"`)
     .join(", ")}
   WHERE (${decisive(projection, "excluded.")}) > (${decisive(projection, `${table}.`)})`

/** The same rule for a heap that was only appended to: keeps one row a key. */
export const dedupeStatement = (projection: Projection, table: string): string => {
  const key = quoted(projection.key)
  const order = decisive(projection, "")
    .map((column) => `${column} DESC`)
    .join(", ")
  return `DELETE FROM ${table} WHERE rowid IN (
    SELECT id FROM (
      SELECT rowid AS id, row_number() OVER (PARTITION BY ${key} ORDER BY ${order}) AS place
      FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} GROUP BY ${key} HAVING count(*) > 1)
    ) WHERE place > 1)`
}

const LIVE = new Map(PROJECTIONS.map((projection) => [projection, mergeStatement(projection, projection.name)]))

const GATHERED = new Map(
  PROJECTIONS.map((projection) => [projection, insertStatement(projection, gatheredOf(projection))]),
)

/** A row of any of them, by its columns' names. */
export type Row = Readonly<Record<string, unknown>>

/** The rows of one table. */
export function rowsOf({ proxyOutputs, elements, sequences = [] }: Rows, { name }: Projection): readonly Row[] {
  if (name === "proxy_outputs") return proxyOutputs
  return name === "elements" ? elements : sequences
}

function put(state: State, statements: ReadonlyMap<Projection, string>, of: Rows): void {
  for (const projection of PROJECTIONS) {
    const statement = state.sql(statements.get(projection) ?? "")
    const names = namesOf(projection)
    for (const row of rowsOf(of, projection)) statement.run(...names.map((name) => row[name] as string | number | null))
  }
}

/** Merges rows into the live tables, inside a write. */
export const mergeRows = (state: State, rows: Rows): void => put(state, LIVE, rows)

/** Appends rows to a rebuild's heaps, inside a write; of several with one key the right one is found later. */
export const putRebuilt = (state: State, rows: Rows): void => put(state, GATHERED, rows)

/** Creates absent tables and adds appended columns, inside a write. */
export function ensureColumns({ sql }: State): void {
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

/** The keys of heaps, inside a write. */
export function ensureKeys({ sql }: State): void {
  for (const projection of PROJECTIONS) if (projection.storage === "heap") sql(keyIndexStatement(projection)).run()
}

/** Indexes of whoever looks at the tables a page at a time; elements and sequences are in the order of their keys already. */
const INDEXES = [
  "CREATE INDEX IF NOT EXISTS proxy_outputs_by_key ON proxy_outputs(s3_bucket, s3_key, generated_timestamp, proxy_id)",
  "CREATE INDEX IF NOT EXISTS proxy_outputs_by_time ON proxy_outputs(generated_timestamp, proxy_id)",
  "CREATE INDEX IF NOT EXISTS proxy_outputs_by_file ON proxy_outputs(file_id)",
  "CREATE INDEX IF NOT EXISTS proxy_outputs_by_asset ON proxy_outputs(asset_id)",
  "CREATE INDEX IF NOT EXISTS elements_failed ON elements(bucket, key, failure_code) WHERE state = 'failed'",
]

/** Inside a write. */
export function ensureIndexes({ sql }: State): void {
  for (const index of INDEXES) sql(index).run()
}

/** The view of what is current, as this version defines it, inside a write. A rebuild swaps the tables below it. */
export function ensureCurrentOutputs({ sql }: State): void {
  const wanted = `CREATE VIEW ${CURRENT_OUTPUTS} AS ${currentOutputsQuery(PROXY_OUTPUTS.name, ELEMENTS.name)}`
  const there = sql("SELECT sql FROM sqlite_schema WHERE type = 'view' AND name = ?").get(CURRENT_OUTPUTS)
  if (there?.sql === wanted) return
  sql(`DROP VIEW IF EXISTS ${CURRENT_OUTPUTS}`).run()
  sql(wanted).run()
}
