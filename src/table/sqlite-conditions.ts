// What statements that read pages are made of: conditions with their values, and what is known of one source.

import type { State } from "../state/index.ts"
import { behindPrefix, type KnownSource, type SourceRef } from "./pages.ts"
import { ELEMENTS, PROXY_OUTPUTS, type Projection } from "./sqlite-schema.ts"

export type Value = string | number

/** A condition and its values; one of which a value is not said is no condition. */
export type Condition = readonly [sql: string, ...values: (Value | undefined)[]]

/** The conditions that are said, as a clause with its values. */
export function whereOf(wished: readonly Condition[]): { readonly where: string; readonly values: readonly Value[] } {
  const said = wished.filter(([, ...values]) => !values.includes(undefined))
  const values = said.flatMap(([, ...of]) => of.filter((value) => value !== undefined))
  return { where: said.length === 0 ? "" : `WHERE ${said.map(([sql]) => sql).join(" AND ")}`, values }
}

/** Names that begin so, as an index finds them. */
export const beginningWith = (column: string, prefix: string | undefined): readonly Condition[] =>
  prefix === undefined || prefix === ""
    ? []
    : [
        [`${column} >= ?`, prefix],
        [`${column} < ?`, behindPrefix(prefix) ?? undefined],
      ]

export const columnsOf = ({ columns }: Projection, prefix: string): string =>
  columns.map(({ name }) => `${prefix}"${name}"`).join(", ")

const ELEMENT = `SELECT ${columnsOf(ELEMENTS, "")} FROM elements WHERE bucket = ? AND key = ?`

const SHOWN = `SELECT ${columnsOf(PROXY_OUTPUTS, "")} FROM proxy_outputs WHERE s3_bucket = ? AND s3_key = ?
  ORDER BY coalesce(file_id = ?, 0) DESC, generated_timestamp DESC, proxy_id DESC LIMIT 1`

/** What is known of one source, inside a read. */
export function knownSource({ sql }: Pick<State, "sql">, { bucket, key }: SourceRef): KnownSource {
  const element = sql(ELEMENT).get(bucket, key)
  const output = sql(SHOWN).get(bucket, key, (element?.file_id as string | null | undefined) ?? null)
  return { element: element ?? null, output: output ?? null } as KnownSource
}
