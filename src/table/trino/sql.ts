/**
 * Names, values and columns as Trino's SQL spells them. There are no bind parameters, so the functions that spell values
 * are the safety boundary: a value's type comes from the column, never from JavaScript, and a value that no column of that
 * type can hold throws. Such values are refused before (storable.ts), or are a bug of ours.
 */

import { isExact } from "../../events/time.ts"
import type { InspectionColumn, Kind } from "../inspection-columns.ts"
import type { Projection } from "../sqlite-schema.ts"

type ColumnType = "varchar" | "bigint" | "double"

const CONTROL = /[^ -~\u00a0-\u{10ffff}]/u

/** A text literal; control characters go escaped, so that a statement is one readable line. */
export function varcharLiteral(text: string): string {
  if (!text.isWellFormed()) throw new RangeError("an unpaired surrogate is no text")
  const quoted = text.replaceAll("'", "''")
  if (!CONTROL.test(text)) return `'${quoted}'`
  const escaped = quoted
    .replaceAll("\\", "\\\\")
    .replaceAll(new RegExp(CONTROL, "gu"), (c) => `\\${c.charCodeAt(0).toString(16).padStart(4, "0")}`)
  return `U&'${escaped}'`
}

/** Rows as one JSON literal, an array per row in the order of its columns; exact for safe integers and finite doubles. */
export const jsonLiteral = (jsonRows: readonly string[]): string =>
  `JSON '${jsonRows
    .map((row) => row.replaceAll("'", "''"))
    .join(",")
    .replace(/^/, "[")}]'`

/** One row of {@link jsonLiteral}, and how it counts there. */
export function jsonRow(values: readonly unknown[], types: readonly ColumnType[]): string {
  return JSON.stringify(values.map((value, index) => checked(value, types[index] ?? "varchar")))
}

function checked(value: unknown, type: ColumnType): unknown {
  if (value === null) return null
  if (type === "varchar" && typeof value === "string" && value.isWellFormed()) return value
  if (type === "bigint" && isExact(value)) return value
  if (type === "double" && Number.isFinite(value)) return value
  throw new RangeError(`a ${typeof value} that no ${type} can hold`)
}

/** Letters, digits and what names of buckets and nested schemas hold besides. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/

export const isName = (name: string): boolean => NAME.test(name)

/** A name of a catalog, schema, table or column, quoted. Throws for one that is not of the allowed letters. */
export function identifier(name: string): string {
  if (!isName(name)) throw new RangeError(`the name ${JSON.stringify(name)}`)
  return `"${name.replaceAll('"', '""')}"`
}

export type Column = Projection["columns"][number]

const TYPES = { TEXT: "varchar", INTEGER: "bigint", REAL: "double" } as const

export const typeOf = ({ type }: Column): ColumnType => TYPES[type]

/** Where the tables are: `vast."bucket/schema".name`. */
export type TrinoSchema = { readonly catalog: string; readonly schema: string }

export const schemaName = ({ catalog, schema }: TrinoSchema): string => `${identifier(catalog)}.${identifier(schema)}`

export const tableName = (schema: TrinoSchema, name: string): string => `${schemaName(schema)}.${identifier(name)}`

/** Columns as a list: `s."a", s."b"`. */
export const columnList = (columns: readonly Column[], prefix = ""): string =>
  columns.map(({ name }) => `${prefix}${identifier(name)}`).join(", ")

/** Columns with their types, as DDL and row types want them. */
export const typedList = (columns: readonly Column[]): string =>
  columns.map((column) => `${identifier(column.name)} ${typeOf(column)}`).join(", ")

export const keyColumns = ({ columns, key }: Projection): readonly Column[] =>
  columns.filter(({ name }) => key.includes(name))

/** Whether two rows have one key. */
export const sameKey = ({ key }: Projection, a: string, b: string): string =>
  key.map((name) => `${a}.${identifier(name)} = ${b}.${identifier(name)}`).join(" AND ")

/** Columns in the order that decides which of two rows with one key stays (sqlite-schema.ts says the same). */
export const decisiveColumns = ({ columns, order }: Projection): readonly Column[] => [
  ...columns.filter(({ name }) => name === order),
  ...columns.filter(({ name }) => name !== order),
]

/** A value that can be compared: absent is the least, also in a column that was added after the row was written. */
const compared = (column: Column, prefix: string): string =>
  `coalesce(${prefix}.${identifier(column.name)}, ${typeOf(column) === "varchar" ? "''" : "0"})`

const decisive = (projection: Projection, prefix: string): string =>
  `ROW(${decisiveColumns(projection)
    .map((column) => compared(column, prefix))
    .join(", ")})`

/** Whether row `a` stays and row `b` goes: the later one, of two equally late ones the greater in all its columns. */
export const beats = (projection: Projection, a: string, b: string): string =>
  `${decisive(projection, a)} > ${decisive(projection, b)}`

/** For a window: the row that beats all others comes first. */
export const bestFirst = (projection: Projection, prefix: string): string =>
  decisiveColumns(projection)
    .map((column) => `${compared(column, prefix)} DESC`)
    .join(", ")

/** A text that is equal exactly where all columns of two rows are equal. */
export const fingerprint = ({ columns }: Projection, prefix: string): string =>
  `to_hex(sha256(to_utf8(json_format(CAST(ARRAY[${columns
    .map((column) => `CAST(${compared(column, prefix)} AS varchar)`)
    .join(", ")}] AS JSON)))))`

/** Rows in JSON as a table: one literal is several times faster to plan than VALUES. */
export const jsonTable = ({ columns }: Projection, jsonRows: readonly string[]): string =>
  `UNNEST(CAST(${jsonLiteral(jsonRows)} AS array(row(${typedList(columns)}))))`

/** Merges rows of distinct keys into a table: an older row never replaces a newer one, and repeats change nothing. */
export const mergeStatement = (projection: Projection, table: string, jsonRows: readonly string[]): string => {
  const { columns } = projection
  return `MERGE INTO ${table} AS t
USING (SELECT * FROM ${jsonTable(projection, jsonRows)}) AS s (${columnList(columns)})
ON ${sameKey(projection, "t", "s")}
WHEN MATCHED AND ${beats(projection, "s", "t")} THEN UPDATE SET ${assignments(projection)}
WHEN NOT MATCHED THEN INSERT (${columnList(columns)}) VALUES (${columnList(columns, "s.")})`
}

/** Sets all but the key. */
export const assignments = ({ columns, key }: Projection, prefix = "s."): string =>
  columns
    .filter(({ name }) => !key.includes(name))
    .map((column: Column) => `${columnList([column])} = ${columnList([column], prefix)}`)
    .join(", ")

/** As exr-inspector's tables read through Trino. */
const CELL_TYPES: Readonly<Record<Kind, string>> = {
  text: "varchar",
  int32: "integer",
  int64: "bigint",
  bool: "boolean",
  float32: "real",
  float64: "double",
  vector: "array(real)",
}

/** Type of a column of the tables about headers. */
export const cellType = ({ kind }: InspectionColumn): string => CELL_TYPES[kind]

export const names = (columns: readonly InspectionColumn[], prefix = ""): string =>
  columns.map(({ name }) => `${prefix}${identifier(name)}`).join(", ")

export const typed = (columns: readonly InspectionColumn[]): string =>
  columns.map((column) => `${identifier(column.name)} ${cellType(column)}`).join(", ")
