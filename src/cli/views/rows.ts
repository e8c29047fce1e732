import { stringify } from "csv-stringify/sync"
import { done, type Result } from "../../events/result.ts"
import { harmless, jsonText, visible } from "../../system/visible.ts"
import type { Call, Ending, Parameter } from "../command.ts"
import { badUsage, type Io } from "../terminal/io.ts"
import { print } from "../terminal/streams.ts"
import { type Column, tableText, tableWidth } from "./text-table.ts"

/** Options of every command that writes rows: the format of its output. */
export const FORMAT_OPTIONS: readonly Parameter[] = [
  { syntax: "--json", says: "one JSON object a line" },
  {
    syntax: "--csv",
    says: "comma-separated values with a header, for a spreadsheet: no cell is a formula, controls are spelled out (--json is exact)",
  },
]

/** Calls `write` with the format that the options ask for; two formats at once are bad usage. */
export function inChosenFormat(call: Call, write: (format: RowFormat) => Promise<Ending>): Promise<Ending> {
  const { json, csv } = call.options
  if (json === true && csv === true) return Promise.resolve(badUsage(call.io, "Either --json or --csv, not both."))
  return write(json === true ? "json" : csv === true ? "csv" : "table")
}

/** One object a line, comma-separated values with a header, or a table for reading. */
export type RowFormat = "json" | "csv" | "table"

export type RowsToWrite<R> = {
  readonly rows: AsyncIterable<Result<R>>
  readonly format: RowFormat
  /** Fields of json and csv, in order. */
  readonly fields: readonly (keyof R & string)[]
  /** Columns of the table for reading. */
  readonly columns: readonly Column<R>[]
  readonly io: Io
}

/** The rows are written in portions of this many, so that memory does not grow with the table. */
const PORTION = 500

const picked = <R>(row: R, fields: readonly (keyof R & string)[]): Record<string, unknown> =>
  Object.fromEntries(fields.map((field) => [field, row[field]]))

/** One JSON object a line, the given fields in order. */
export const jsonLines = <R>(rows: readonly R[], fields: readonly (keyof R & string)[]): string =>
  rows.map((row) => `${jsonText(picked(row, fields))}\n`).join("")

/** How a cell begins that a spreadsheet takes for a formula; the full-width forms count as well. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/

/** A text that would be a formula gets an apostrophe in front; numbers stay numbers, negative ones too. */
const csvCell = (value: unknown, spelled: (text: string) => string): unknown =>
  typeof value === "string" ? `${FORMULA.test(value) ? "'" : ""}${spelled(value)}` : value

type Csv = {
  readonly header: boolean
  /** Standard output is a terminal. */
  readonly isScreen: boolean
}

/**
 * Comma-separated values as in RFC 4180, but with plain line feeds; the header only if asked for. No cell is a formula
 * to the spreadsheet that opens it, nor holds what a terminal obeys; on a terminal all that cannot be seen is spelled out.
 */
export function csvText<R>(
  rows: readonly R[],
  fields: readonly (keyof R & string)[],
  { header, isScreen }: Csv,
): string {
  const spelled = isScreen ? visible : harmless
  return stringify(
    rows.map((row) => fields.map((field) => csvCell(row[field], spelled))),
    { header, columns: [...fields], cast: { boolean: String } },
  )
}

function portionText<R>(rows: readonly R[], first: boolean, { format, fields, columns, io }: RowsToWrite<R>): string {
  if (format === "json") return jsonLines(rows, fields)
  if (format === "csv") return csvText(rows, fields, { header: first, isScreen: io.stdout.isTTY === true })
  return rows.length === 0 ? "" : tableText(rows, columns, tableWidth(io))
}

/** Writes all rows to stdout as fast as they are read, or as many as somebody reads; gives their number. Fails as the rows do, after what came before. */
export async function writeRows<R>(all: RowsToWrite<R>): Promise<Result<number>> {
  let portion: R[] = []
  let written = 0
  const flush = async (): Promise<void> => {
    await print(all.io, portionText(portion, written === 0, all))
    written += portion.length
    portion = []
  }
  for await (const row of all.rows) {
    if (all.io.closed.aborted) break
    if (!row.ok) {
      if (portion.length > 0) await flush()
      return row
    }
    portion.push(row.value)
    if (portion.length === PORTION) await flush()
  }
  if (portion.length > 0 || written === 0) await flush()
  return done(written)
}
