/** Cuts rows into batches that fit one statement of Trino. */

import type { Projection, Row } from "../sqlite-schema.ts"
import { type Column, decisiveColumns, jsonRow, typeOf } from "./sql.ts"

/** A statement may have 1,000,000 characters; what surrounds the rows is far below the rest. */
const MOST_CHARACTERS = 950_000
const MOST_ROWS = 2_000

/** One row a key, by the rule that the tables follow: of two rows with one key Trino would insert both. */
export function deduplicated(projection: Projection, rows: readonly Row[]): readonly Row[] {
  const best = new Map<string, Row>()
  for (const row of rows) {
    const key = JSON.stringify(projection.key.map((name) => row[name]))
    const known = best.get(key)
    if (known === undefined || compare(projection, row, known) > 0) best.set(key, row)
  }
  return [...best.values()]
}

/** Positive when `a` stays: the same order as SQL's, texts by their UTF-8 bytes. */
export function compare(projection: Projection, a: Row, b: Row): number {
  for (const column of decisiveColumns(projection)) {
    const order = compareValues(column, a[column.name], b[column.name])
    if (order !== 0) return order
  }
  return 0
}

function compareValues(column: Column, a: unknown, b: unknown): number {
  if (typeOf(column) === "varchar") return Buffer.compare(Buffer.from(String(a ?? "")), Buffer.from(String(b ?? "")))
  return Number(a ?? 0) - Number(b ?? 0)
}

/** Rows in JSON, split so that each part makes one statement. */
export function statementParts({ columns }: Projection, rows: readonly Row[]): Generator<readonly string[]> {
  const types = columns.map(typeOf)
  const json = rows.map((row) =>
    jsonRow(
      columns.map(({ name }) => row[name]),
      types,
    ),
  )
  return jsonParts(json)
}

/** Rows that are JSON already, split so. A row that is too long by itself is a part of its own. */
export const jsonParts = (rows: readonly string[]): Generator<readonly string[]> =>
  partsOf(rows, {
    charactersOf: (row) => row.length + quotesIn(row) + 1,
    mostCharacters: MOST_CHARACTERS,
    most: MOST_ROWS,
  })

export type PartLimits<T> = {
  readonly charactersOf: (item: T) => number
  readonly mostCharacters: number
  /** Items. */
  readonly most: number
}

/** Neighbours together, as many as the limits allow; an item that is too long by itself is a part of its own. */
export function* partsOf<T>(
  items: Iterable<T>,
  { charactersOf, mostCharacters, most }: PartLimits<T>,
): Generator<readonly T[]> {
  let part: T[] = []
  let length = 0
  for (const item of items) {
    const characters = charactersOf(item)
    if (part.length > 0 && (length + characters > mostCharacters || part.length === most)) {
      yield part
      part = []
      length = 0
    }
    part.push(item)
    length += characters
  }
  if (part.length > 0) yield part
}

/** Each is doubled in the literal. */
const quotesIn = (text: string): number => text.split("'").length - 1
