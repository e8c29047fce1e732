/**
 * Pages of tiles that are found only by looking at all of them: a slice after the other, so that others who work in this process
 * wait for no more than one.
 */

import type { DatabaseSync } from "node:sqlite"
import { setImmediate as nextTurn } from "node:timers/promises"
import { done, failed, type Result } from "../events/result.ts"
import type { State } from "../state/index.ts"
import { sqliteFailure } from "../state/sqlite-failure.ts"
import type { TilePlace, TilesPage, TilesQuery } from "./pages.ts"
import { type Condition, whereOf } from "./sqlite-conditions.ts"
import {
  behind,
  countOf,
  NAME,
  type Place,
  placesOf,
  type Reader,
  sortedBy,
  tilesAt,
  totalsOf,
  upTo,
} from "./sqlite-tiles-page.ts"

/** No index knows parts of names, nor names in the order of time. */
export const isScanned = ({ part, prefix, bucket, order }: TilesQuery): boolean =>
  part !== undefined || (order === "newest" && (prefix !== undefined || bucket !== undefined))

/** Some milliseconds. */
const SLICE_TILES = 10_000

/** All slices are of the moment at which it begins, whatever is merged meanwhile. */
export async function scannedTilesPage(
  state: State,
  query: TilesQuery,
  sliceTiles = SLICE_TILES,
): Promise<Result<TilesPage>> {
  let snapshot: DatabaseSync | null = null
  try {
    const totals = totalsOf(state, query)
    const db = state.snapshot()
    snapshot = db
    const reader: Reader = { sql: (text) => db.prepare(text) }
    const { places, seen } = await scanned(reader, query, { sliceTiles, isCounted: totals.known !== undefined })
    const total = totals.known ?? totals.note(seen ?? (await counted(reader, query, sliceTiles)))
    return done({ tiles: tilesAt(reader, places), total })
  } catch (error) {
    return failed(sqliteFailure("table", error))
  } finally {
    snapshot?.close()
  }
}

type Scan = { readonly sliceTiles: number; readonly isCounted: boolean }

/** The page; and how many tiles the query is about, null where the scan saw not all of them. */
async function scanned(reader: Reader, query: TilesQuery, { sliceTiles, isCounted }: Scan) {
  const places: Place[] = []
  let [seen, passed] = [0, query.at ?? 0]
  for await (const slice of slicesOf(reader, query, sliceTiles)) {
    const found = countOf(reader, query, slice)
    seen += found
    if (passed < found && places.length < query.limit)
      places.push(...placesOf(reader, query, { conditions: slice, limit: query.limit - places.length, passed }))
    passed = Math.max(0, passed - found)
    const isFull = places.length === query.limit
    if (isFull && (isCounted || query.after !== undefined)) break
  }
  return { places, seen: query.after === undefined ? seen : null }
}

async function counted(reader: Reader, query: TilesQuery, sliceTiles: number): Promise<number> {
  let total = 0
  for await (const slice of slicesOf(reader, { ...query, order: "name", after: undefined }, sliceTiles))
    total += countOf(reader, query, slice)
  return total
}

/** Conditions of one slice after the other, from where the query begins; between two of them others have their turn. */
async function* slicesOf({ sql }: Reader, query: TilesQuery, sliceTiles: number): AsyncGenerator<readonly Condition[]> {
  for (let after = query.after; ; await nextTurn()) {
    const from = behind({ ...query, after })
    const { where, values } = whereOf([from])
    const ends = `SELECT ${NAME}, changed_at_ms FROM tiles ${where} ORDER BY ${sortedBy(query)} LIMIT 1 OFFSET ?`
    const last = sql(ends).get(...values, sliceTiles - 1)
    if (last === undefined) return yield [from]
    after = { ...(last as Omit<TilePlace, "isShot">), isShot: last.is_shot === 1 }
    yield [from, upTo({ ...query, after })]
  }
}
