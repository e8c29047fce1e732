import { done, failed, failure, type Result } from "../events/result.ts"
import { isExact, isInt } from "../events/time.ts"
import type { Rows } from "./index.ts"
import { FILES, INSPECTION_TABLES, type Kind, LISTS } from "./inspection-columns.ts"
import { ELEMENTS, PROXY_OUTPUTS, SEQUENCES } from "./sqlite-schema.ts"

type Holds = (value: unknown) => boolean

const isText: Holds = (value) => typeof value === "string" && value.isWellFormed()

const PROJECTED: Readonly<Record<"TEXT" | "INTEGER" | "REAL", Holds>> = {
  TEXT: isText,
  INTEGER: isExact,
  REAL: Number.isFinite,
}

const INSPECTED: Readonly<Record<Kind, Holds>> = {
  text: isText,
  int32: isInt,
  int64: isExact,
  bool: (value) => typeof value === "boolean",
  // What is too large for 32 bits becomes infinite there.
  float32: (value) => typeof value === "number" && Number.isFinite(Math.fround(value)),
  float64: Number.isFinite,
  vector: () => false,
}

type CheckedColumn = { readonly name: string; readonly nullable: boolean; readonly holds: Holds }

const projected = ({ name, columns }: typeof ELEMENTS) =>
  [name, columns.map((column): CheckedColumn => ({ ...column, holds: PROJECTED[column.type] }))] as const

const CHECKS: ReadonlyMap<string, readonly CheckedColumn[]> = new Map([
  projected(PROXY_OUTPUTS),
  projected(ELEMENTS),
  projected(SEQUENCES),
  ...INSPECTION_TABLES.map(
    ({ name, columns }) => [name, columns.map((column) => ({ ...column, holds: INSPECTED[column.kind] }))] as const,
  ),
])

/**
 * Which value of these rows no table can hold, as a sentence; null where each can be held: by SQLite's strict columns, by
 * Trino's types and in its longest statement. Both tables ask before they write, and so does whoever projects facts, one
 * after the other: a table that refuses one row for ever would hold up all that come after it.
 */
export function unstorable({ proxyOutputs, elements, sequences = [], inspections = [] }: Rows): string | null {
  for (const row of proxyOutputs) {
    const wrong = wrongIn(PROXY_OUTPUTS.name, [row])
    if (wrong !== null) return wrong
  }
  for (const row of elements) {
    const wrong = wrongIn(ELEMENTS.name, [row])
    if (wrong !== null) return wrong
  }
  for (const row of sequences) {
    const wrong = wrongIn(SEQUENCES.name, [row])
    if (wrong !== null) return wrong
  }
  for (const inspection of inspections) {
    const wrong =
      wrongIn(FILES.name, [inspection.file]) ?? wrongList(LISTS.map(([t, list]) => [t.name, inspection[list]]))
    if (wrong !== null) return wrong
  }
  return null
}

/** Fails table/refused for rows that no table can hold. */
export function storable(rows: Rows): Result<void> {
  const wrong = unstorable(rows)
  return wrong === null ? done(undefined) : failed(failure("table/refused", wrong))
}

function wrongList(lists: readonly (readonly [table: string, rows: readonly object[]])[]): string | null {
  for (const [table, rows] of lists) {
    const wrong = wrongIn(table, rows)
    if (wrong !== null) return wrong
  }
  return null
}

/** Rows of one fact in one table, which go into one statement of Trino's: 1,000,000 characters, with room for the rest. */
const MOST_CHARACTERS = 900_000
/** As JSON a character takes six at most, and an apostrophe of SQL two. */
const MOST_SPELLED = 6

function wrongIn(table: string, rows: readonly object[]): string | null {
  const columns = CHECKS.get(table) ?? []
  let characters = 0
  for (const row of rows) {
    for (const { name, nullable, holds } of columns) {
      const value: unknown = Reflect.get(row, name) ?? null
      if (value === null ? !nullable : !holds(value)) return `${table}.${name} cannot hold ${told(value)}.`
      characters += typeof value === "string" ? value.length : 8
    }
  }
  if (characters * MOST_SPELLED <= MOST_CHARACTERS || spelledLength(rows) <= MOST_CHARACTERS) return null
  return `The rows of ${table} are too long for one statement.`
}

function spelledLength(rows: readonly object[]): number {
  const json = JSON.stringify(rows.map((row) => Object.values(row)))
  return json.length + json.split("'").length
}

function told(value: unknown): string {
  if (typeof value === "string") return "half a character"
  return value === null ? "nothing" : `the ${typeof value} ${String(value).slice(0, 40)}`
}
