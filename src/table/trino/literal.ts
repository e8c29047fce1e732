/**
 * Values as Trino's SQL spells them: there are no bind parameters, so these functions are the safety boundary. A value's
 * type comes from the column, never from JavaScript. Throws for a value that no column of that type can hold: those are
 * to be refused before (isStorable), or are a bug of ours.
 */
import { isExact } from "../../events/whole-number.ts"

export type ColumnType = "varchar" | "bigint" | "double"

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
