import { done, type Result } from "../../events/result.ts"
import type { ElementQuery } from "../index.ts"
import type { ElementRow } from "../rows.ts"
import type { Connection } from "./connection.ts"
import { identifier, varcharLiteral } from "./literal.ts"
import { type Column, type Projection, typeOf } from "./projection.ts"
import { pagesOf, type Values } from "./statement.ts"

type Scan = {
  readonly projection: Projection
  readonly table: string
  readonly where: string
  readonly order: readonly string[]
}

/** One statement, so one moment of the table, whatever is merged meanwhile; read page by page as the caller asks. */
export async function* scanRows<Row>(connection: Connection, scan: Scan): AsyncGenerator<Result<Row>> {
  for await (const page of pagesOf(connection, selectStatement(scan))) {
    if (!page.ok) return yield page
    for (const values of page.value) yield done(rowOf(scan.projection, values) as Row)
  }
}

function selectStatement({ projection, table, where, order }: Scan): string {
  const selected = projection.columns.map(readable).join(", ")
  return `SELECT ${selected} FROM ${table} AS t ${where} ORDER BY ${order.map((name) => `t.${identifier(name)}`).join(", ")}`
}

/** The client reads numbers as JavaScript does, which rounds large ones: they travel as text. */
function readable(column: Column): string {
  const name = identifier(column.name)
  return typeOf(column) === "bigint" ? `CAST(t.${name} AS varchar) AS ${name}` : `t.${name}`
}

const rowOf = ({ columns }: Projection, values: Values): Readonly<Record<string, unknown>> =>
  Object.fromEntries(columns.map((column, index) => [column.name, cellOf(column, values[index])]))

/** A column that was added later holds nothing in older rows. */
function cellOf(column: Column, value: unknown): unknown {
  if (typeOf(column) === "varchar") return value ?? (column.nullable ? null : "")
  return Number(value ?? 0)
}

/** What no row can meet. */
const NEVER = "WHERE false"

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
