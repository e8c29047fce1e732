// What statements that read pages from Trino are made of: conditions with values as literals, and rows with what is behind them.

import { done, type Result } from "../../events/result.ts"
import { behindPrefix } from "../pages.ts"
import type { Projection } from "../sqlite-schema.ts"
import type { Connection } from "./connection.ts"
import { readable, scannedRow } from "./read.ts"
import { varcharLiteral } from "./sql.ts"
import { run } from "./statement.ts"

/** A condition with its values as literals: false where one is no text that the tables could hold. */
export const condition = (spell: (...literals: string[]) => string, ...values: (string | undefined)[]): string[] => {
  if (values.includes(undefined)) return []
  const texts = values.filter((value) => value !== undefined)
  return [texts.every((text) => text.isWellFormed()) ? spell(...texts.map(varcharLiteral)) : "false"]
}

export const whereOf = (conditions: readonly string[]): string =>
  conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`

/** The first comparison lets the server leave out whole files. */
export const beginningWith = (column: string, prefix: string | undefined): string[] =>
  prefix === undefined || prefix === ""
    ? []
    : [
        ...condition((text) => `${column} >= ${text}`, prefix),
        ...condition((text) => `${column} < ${text}`, behindPrefix(prefix) ?? undefined),
      ]

/** Whether a key is the name of a frame of a sequence, whose names are expressions. */
export function isFrameOf(key: string, { folder, head, tail }: { folder: string; head: string; tail: string }): string {
  const before = `(length(${folder}) + length(${head}))`
  const number = `substr(${key}, ${before} + 1, length(${key}) - ${before} - length(${tail}))`
  return `(starts_with(${key}, concat(${folder}, ${head})) AND length(${key}) > ${before} + length(${tail})
    AND substr(${key}, length(${key}) - length(${tail}) + 1) = ${tail} AND regexp_like(${number}, '^-?[0-9]+$'))`
}

export const isShot = (row: string): string =>
  `(${row}"movie_key" IS NOT NULL OR regexp_like(${row}"frames_made", '[-,][0-9]') OR (${row}"frames_made" <> '' AND ${row}"frames_failed" <> ''))`

export type Tables = { readonly outputs: string; readonly elements: string; readonly sequences: string }

export type Reading = { readonly connection: Connection; readonly tables: Tables }

const columnsOf = ({ columns }: Projection): string => columns.map(readable).join(", ")

/** Rows of a projection, with what stands behind its columns. */
export async function rowsOf<Row>(
  { connection }: Reading,
  projection: Projection,
  rest: { readonly from: string; readonly further?: readonly string[] },
): Promise<Result<readonly Row[]>> {
  const { from, further = [] } = rest
  const selected = [columnsOf(projection), ...further.map((name) => `t."${name}"`)].join(", ")
  const answered = await run(connection, `SELECT ${selected} FROM ${from}`)
  if (!answered.ok) return answered
  const count = projection.columns.length
  return done(
    answered.value.map((values) => ({
      ...scannedRow(projection, values),
      ...Object.fromEntries(further.map((name, index) => [name, values[count + index]])),
    })) as Row[],
  )
}
