/** A page of the table of tiles, with the rows that its tiles are of. */

import type { SQLOutputValue } from "node:sqlite"
import type { State } from "../state/index.ts"
import type { Tile, TilesPage, TilesQuery } from "./pages.ts"
import type { SequenceRow } from "./sequence-rows.ts"
import { beginningWith, type Condition, columnsOf, knownSource, type Value, whereOf } from "./sqlite-conditions.ts"
import { SEQUENCES } from "./sqlite-schema.ts"

export const NAME = "bucket, name, is_shot"
const SAME = "bucket = ? AND name = ? AND is_shot = ?"

const conditionsOf = ({ bucket, prefix, state, part }: TilesQuery): readonly Condition[] => [
  // With a plus: otherwise whole buckets were gone through for each slice of the order.
  ["+bucket = ?", bucket],
  ...beginningWith("name", prefix),
  ["state = ?", state],
  // As the index of the few others says it, so that it is found.
  ...(state === undefined || state === "made" ? [] : [["state <> 'made'"] as const]),
  ["instr(lower(name), lower(?)) > 0", part],
]

const IS_BEHIND = {
  name: `(${NAME}) > (?, ?, ?)`,
  // The first comparison lets the index skip ahead, the second is the condition.
  newest: `changed_at_ms <= ? AND (changed_at_ms < ? OR (${NAME}) > (?, ?, ?))`,
}

/** The opposite. */
const IS_UP_TO = {
  name: `(${NAME}) <= (?, ?, ?)`,
  newest: `changed_at_ms >= ? AND (changed_at_ms > ? OR (${NAME}) <= (?, ?, ?))`,
}

const placeOf = ({ order, after }: TilesQuery): readonly (Value | undefined)[] => {
  const name = [after?.bucket, after?.name, after === undefined ? undefined : Number(after.isShot)]
  return order === "name" ? name : [after?.changed_at_ms, after?.changed_at_ms, ...name]
}

/** The tiles behind the one that a page begins behind. */
export const behind = (query: TilesQuery): Condition => [IS_BEHIND[query.order], ...placeOf(query)]

/** That one and those before it. */
export const upTo = (query: TilesQuery): Condition => [IS_UP_TO[query.order], ...placeOf(query)]

export const sortedBy = ({ order }: TilesQuery): string => (order === "name" ? NAME : `changed_at_ms DESC, ${NAME}`)

/** Inside a read. */
export function tilesPage(state: State, query: TilesQuery): TilesPage {
  const places = placesOf(state, query, { conditions: [behind(query)], limit: query.limit, passed: query.at ?? 0 })
  const totals = totalsOf(state, query)
  return { tiles: tilesAt(state, places), total: totals.known ?? totals.note(countOf(state, query, [])) }
}

/** The state's own connection, or one that sees one moment. */
export type Reader = Pick<State, "sql">

export type Place = Readonly<Record<string, SQLOutputValue>>

type Within = { readonly conditions: readonly Condition[]; readonly limit: number; readonly passed: number }

/** Tiles that are passed over are counted in an index alone. */
export function placesOf({ sql }: Reader, query: TilesQuery, { conditions, limit, passed }: Within): readonly Place[] {
  const { where, values } = whereOf([...conditionsOf(query), ...conditions])
  const statement = sql(`SELECT ${NAME} FROM tiles ${where} ORDER BY ${sortedBy(query)} LIMIT ? OFFSET ?`)
  return statement.all(...values, limit, passed)
}

export function countOf({ sql }: Reader, query: TilesQuery, conditions: readonly Condition[]): number {
  const { where, values } = whereOf([...conditionsOf(query), ...conditions])
  return Number(sql(`SELECT count(*) AS tiles FROM tiles ${where}`).get(...values)?.tiles)
}

export const tilesAt = (reader: Reader, places: readonly Place[]): readonly Tile[] =>
  places.flatMap(({ bucket, name, is_shot }) => {
    const row = reader.sql(`SELECT * FROM tiles WHERE ${SAME}`).get(bucket ?? "", name ?? "", is_shot ?? 0)
    return row === undefined ? [] : tileOf(reader, row as TileRow)
  })

type TileRow = Pick<Tile, "bucket" | "name" | "state" | "changed_at_ms" | "kind"> &
  Pick<SequenceRow, "folder" | "head" | "tail">

const SEQUENCE = `SELECT ${columnsOf(SEQUENCES, "")} FROM sequences WHERE bucket = ? AND folder = ? AND head = ? AND tail = ?`

/** None where its row went since the tile was found: somebody else wrote in between. */
function tileOf(reader: Reader, { bucket, name, kind, ...row }: TileRow): readonly Tile[] {
  const tile = { bucket, name, state: row.state, changed_at_ms: row.changed_at_ms }
  if (kind === "shot") {
    const sequence = reader.sql(SEQUENCE).get(bucket, row.folder, row.head, row.tail)
    return sequence === undefined ? [] : [{ ...tile, kind, sequence: sequence as unknown as SequenceRow }]
  }
  const { element, output } = knownSource(reader, { bucket, key: name })
  if (kind === "frame") return output === null ? [] : [{ ...tile, kind, output }]
  return element === null ? [] : [{ ...tile, kind, element }]
}

type Totals = { version: string; readonly counts: Map<string, number> }

/** Counting goes through all tiles: done once for each change of the database, not for each page. */
const TOTALS = new WeakMap<State, Totals>()

const MOST_TOTALS = 100

/** What is known of the query's total as the database is now, and where to note it. */
export function totalsOf(state: State, query: TilesQuery) {
  const { where, values } = whereOf(conditionsOf(query))
  const own = state.sql("SELECT total_changes() AS changes").get()?.changes
  const others = state.sql("PRAGMA data_version").get()?.data_version
  const version = `${own}/${others}`
  const before = TOTALS.get(state)
  const totals =
    before?.version === version && before.counts.size < MOST_TOTALS ? before : { version, counts: new Map() }
  TOTALS.set(state, totals)
  const name = JSON.stringify([where, ...values])
  const note = (total: number): number => {
    totals.counts.set(name, total)
    return total
  }
  return { known: totals.counts.get(name), note }
}
