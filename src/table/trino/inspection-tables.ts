import { done, type Result } from "../../events/result.ts"
import {
  ATTRIBUTES,
  CHANNELS,
  FILES,
  type InspectionColumn,
  type InspectionTable,
  type Kind,
  PARTS,
} from "../inspection-columns.ts"
import type { AttributeRow, ChannelRow, FileRow, Inspection, PartRow } from "../rows.ts"
import type { Connection } from "./connection.ts"
import { identifier, varcharLiteral } from "./literal.ts"
import { type Place, tableName } from "./projection.ts"
import { run, type Values } from "./statement.ts"

/** As exr-inspector's tables read through Trino. */
export const TYPES: Readonly<Record<Kind, string>> = {
  text: "varchar",
  int32: "integer",
  int64: "bigint",
  bool: "boolean",
  float32: "real",
  float64: "double",
  vector: "array(real)",
}

export const typeOf = ({ kind }: InspectionColumn): string => TYPES[kind]

export const names = (columns: readonly InspectionColumn[], prefix = ""): string =>
  columns.map(({ name }) => `${prefix}${identifier(name)}`).join(", ")

export const typed = (columns: readonly InspectionColumn[]): string =>
  columns.map((column) => `${identifier(column.name)} ${typeOf(column)}`).join(", ")

/** All rows of one version, null where it was not inspected: four statements, one after the other. */
export async function readInspection(
  connection: Connection,
  place: Place,
  { bucket, fileId }: { readonly bucket: string; readonly fileId: string },
): Promise<Result<Inspection | null>> {
  if (!bucket.isWellFormed() || !fileId.isWellFormed()) return done(null)
  const where = `t."file_id" = ${varcharLiteral(fileId)} AND t."s3_bucket" = ${varcharLiteral(bucket)}`
  const read = async <Row>(table: InspectionTable): Promise<Result<readonly Row[]>> => {
    const rows = await run(connection, selectStatement(table, tableName(place, table.name), where))
    return rows.ok ? done(rows.value.map((values) => rowOf(table, values) as Row)) : rows
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
function selectStatement({ columns }: InspectionTable, table: string, where: string): string {
  const selected = columns.map((column) => (column.kind === "int64" ? asText(column) : `t.${identifier(column.name)}`))
  const order = columns.filter(({ name }) => ORDER.has(name))
  const ordered = order.length === 0 ? "" : ` ORDER BY ${names(order, "t.")}`
  return `SELECT ${selected.join(", ")} FROM ${table} AS t WHERE ${where}${ordered}`
}

const ORDER: ReadonlySet<string> = new Set(["part_index", "channel_name", "attr_name"])

/** The client reads numbers as JavaScript does, which rounds large ones: they travel as text. */
const asText = ({ name }: InspectionColumn): string => `CAST(t.${identifier(name)} AS varchar)`

const rowOf = ({ columns }: InspectionTable, values: Values): Readonly<Record<string, unknown>> =>
  Object.fromEntries(columns.map((column, index) => [column.name, cellOf(column, values[index])]))

/** A column that was added later holds nothing in older rows. */
function cellOf({ kind, nullable }: InspectionColumn, value: unknown): unknown {
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
