import { ELEMENTS, PROJECTIONS, PROXY_OUTPUTS, type Projection } from "../sqlite-schema.ts"
import { type ColumnType, identifier } from "./literal.ts"

export { ELEMENTS, PROJECTIONS, PROXY_OUTPUTS, type Projection }

export type Column = Projection["columns"][number]

const TYPES = { TEXT: "varchar", INTEGER: "bigint", REAL: "double" } as const

export const typeOf = ({ type }: Column): ColumnType => TYPES[type]

/** Where the tables are: `vast."bucket/schema".name`. */
export type Place = { readonly catalog: string; readonly schema: string }

export const schemaName = ({ catalog, schema }: Place): string => `${identifier(catalog)}.${identifier(schema)}`

export const tableName = (place: Place, name: string): string => `${schemaName(place)}.${identifier(name)}`

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
