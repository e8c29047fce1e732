/** Reads rows from Trino: a projection's, page by page, and all that is known of one header. */

import { done, type Result } from "../../events/result.ts"
import type { ElementQuery } from "../index.ts"
import {
  ATTRIBUTES,
  CHANNELS,
  FILES,
  type InspectionColumn,
  type InspectionTable,
  type Kind,
  PARTS,
} from "../inspection-columns.ts"
import type { AttributeRow, ChannelRow, ElementRow, FileRow, Inspection, PartRow } from "../rows.ts"
import type { Projection } from "../sqlite-schema.ts"
import type { Connection } from "./connection.ts"
import { type Column, identifier, names, type TrinoSchema, tableName, typeOf, varcharLiteral } from "./sql.ts"
import { pagesOf, type RowValues, run } from "./statement.ts"

type Scan = {
  readonly projection: Projection
  readonly table: string
  readonly where: string
  readonly order: readonly string[]
}

/** One statement, so one moment of the table, whatever is merged meanwhile; read page by page as the caller asks. */
export async function* scanRows<Row>(connection: Connection, scan: Scan): AsyncGenerator<Result<Row>> {
  for await (const page of pagesOf(connection, scanStatement(scan))) {
    if (!page.ok) return yield page
    for (const values of page.value) yield done(scannedRow(scan.projection, values) as Row)
  }
}

function scanStatement({ projection, table, where, order }: Scan): string {
  const selected = projection.columns.map(readable).join(", ")
  return `SELECT ${selected} FROM ${table} AS t ${where} ORDER BY ${order.map((name) => `t.${identifier(name)}`).join(", ")}`
}

/** The client reads numbers as JavaScript does, which rounds large ones: they travel as text. */
export function readable(column: Column): string {
  const name = identifier(column.name)
  return typeOf(column) === "bigint" ? `CAST(t.${name} AS varchar) AS ${name}` : `t.${name}`
}

export const scannedRow = ({ columns }: Projection, values: RowValues): Readonly<Record<string, unknown>> =>
  Object.fromEntries(columns.map((column, index) => [column.name, scannedCell(column, values[index])]))

/** A column that was added later holds nothing in older rows: null where it may be, else the least there is. */
function scannedCell(column: Column, value: unknown): unknown {
  if (value === null || value === undefined) return column.nullable ? null : typeOf(column) === "varchar" ? "" : 0
  return typeOf(column) === "varchar" ? value : Number(value)
}

export async function countRows(connection: Connection, table: string, where: string): Promise<Result<number>> {
  const counted = await run(connection, `SELECT CAST(count(*) AS varchar) FROM ${table} AS t ${where}`)
  return counted.ok ? done(Number(counted.value[0]?.[0])) : counted
}

/** What no row can meet. */
export const NEVER = "WHERE false"

export function conditionOf({ states, bucket, prefix }: ElementQuery): string {
  if (![bucket, prefix].every((text) => text === undefined || text.isWellFormed()) || states?.length === 0) return NEVER
  const parts = [
    ...(states === undefined ? [] : [`t."state" IN (${states.map(varcharLiteral).join(", ")})`]),
    ...(bucket === undefined ? [] : [`t."bucket" = ${varcharLiteral(bucket)}`]),
    // The first comparison lets the server leave out whole files, the second is the condition.
    ...(prefix === undefined || prefix === ""
      ? []
      : [`t."key" >= ${varcharLiteral(prefix)} AND starts_with(t."key", ${varcharLiteral(prefix)})`]),
  ]
  return parts.length === 0 ? "" : `WHERE ${parts.join(" AND ")}`
}

/** The condition of one element's row. */
export const oneElement = ({ bucket, key }: Pick<ElementRow, "bucket" | "key">): string =>
  bucket.isWellFormed() && key.isWellFormed()
    ? `WHERE t."bucket" = ${varcharLiteral(bucket)} AND t."key" = ${varcharLiteral(key)}`
    : NEVER

/** All rows of one version, null where it was not inspected: four statements, one after the other. */
export async function readInspection(
  connection: Connection,
  schema: TrinoSchema,
  { bucket, fileId }: { readonly bucket: string; readonly fileId: string },
): Promise<Result<Inspection | null>> {
  if (!bucket.isWellFormed() || !fileId.isWellFormed()) return done(null)
  const where = `t."file_id" = ${varcharLiteral(fileId)} AND t."s3_bucket" = ${varcharLiteral(bucket)}`
  const read = async <Row>(table: InspectionTable): Promise<Result<readonly Row[]>> => {
    const rows = await run(connection, inspectionStatement(table, tableName(schema, table.name), where))
    return rows.ok ? done(rows.value.map((values) => inspectionRow(table, values) as Row)) : rows
  }
  const file = await read<FileRow>(FILES)
  if (!file.ok) return file
  const [row] = file.value
  if (row === undefined) return done(null)
  const parts = await read<PartRow>(PARTS)
  if (!parts.ok) return parts
  const channels = await read<ChannelRow>(CHANNELS)
  if (!channels.ok) return channels
  const attributes = await read<AttributeRow>(ATTRIBUTES)
  if (!attributes.ok) return attributes
  return done({ file: row, parts: parts.value, channels: channels.value, attributes: attributes.value })
}

/** Tables of Trino have no order of their own: parts by their number, then names. */
function inspectionStatement({ columns }: InspectionTable, table: string, where: string): string {
  const selected = columns.map((column) => (column.kind === "int64" ? asText(column) : `t.${identifier(column.name)}`))
  const order = columns.filter(({ name }) => ORDER.has(name))
  const ordered = order.length === 0 ? "" : ` ORDER BY ${names(order, "t.")}`
  return `SELECT ${selected.join(", ")} FROM ${table} AS t WHERE ${where}${ordered}`
}

const ORDER: ReadonlySet<string> = new Set(["part_index", "channel_name", "attr_name"])

/** The client reads numbers as JavaScript does, which rounds large ones: they travel as text. */
const asText = ({ name }: InspectionColumn): string => `CAST(t.${identifier(name)} AS varchar)`

const inspectionRow = ({ columns }: InspectionTable, values: RowValues): Readonly<Record<string, unknown>> =>
  Object.fromEntries(columns.map((column, index) => [column.name, inspectionCell(column, values[index])]))

/** A column that was added later holds nothing in older rows. */
function inspectionCell({ kind, nullable }: InspectionColumn, value: unknown): unknown {
  if (value === null || value === undefined) return nullable ? null : ABSENT[kind]
  return kind === "int64" ? Number(value) : value
}

const ABSENT: Readonly<Record<Kind, unknown>> = {
  text: "",
  int32: 0,
  int64: 0,
  bool: false,
  float32: 0,
  float64: 0,
  vector: null,
}
