/** A page of the table of tiles, with the rows that its tiles are of. */

import type { State } from "../state/index.ts"
import type { Tile, TilesPage, TilesQuery } from "./pages.ts"
import type { SequenceRow } from "./sequence-rows.ts"
import { beginningWith, type Condition, columnsOf, knownSource, whereOf } from "./sqlite-conditions.ts"
import { SEQUENCES } from "./sqlite-schema.ts"

const NAME = "bucket, name, is_shot"
const SAME = "bucket = ? AND name = ? AND is_shot = ?"

const conditionsOf = ({ bucket, prefix, state, part }: TilesQuery): readonly Condition[] => [
  ["bucket = ?", bucket],
  ...beginningWith("name", prefix),
  ["state = ?", state],
  // As the index of the few others says it, so that it is found.
  ...(state === undefined || state === "made" ? [] : [["state <> 'made'"] as const]),
  ["instr(lower(name), lower(?)) > 0", part],
]

function behind({ order, after }: TilesQuery): Condition {
  const place = [after?.bucket, after?.name, after === undefined ? undefined : Number(after.isShot)] as const
  return order === "name"
    ? [`(${NAME}) > (?, ?, ?)`, ...place]
    : [
        `(changed_at_ms < ? OR (changed_at_ms = ? AND (${NAME}) > (?, ?, ?)))`,
        ...[after?.changed_at_ms, after?.changed_at_ms],
        ...place,
      ]
}

/** Inside a read. */
export function tilesPage(state: State, query: TilesQuery): TilesPage {
  const { where, values } = whereOf([...conditionsOf(query), behind(query)])
  const sorted = query.order === "name" ? NAME : `changed_at_ms DESC, ${NAME}`
  // Tiles that are passed over are counted in an index alone.
  const places = state
    .sql(`SELECT ${NAME} FROM tiles ${where} ORDER BY ${sorted} LIMIT ? OFFSET ?`)
    .all(...values, query.limit, query.at ?? 0)
  const tiles = places.flatMap(({ bucket, name, is_shot }) => {
    const row = state.sql(`SELECT * FROM tiles WHERE ${SAME}`).get(bucket ?? "", name ?? "", is_shot ?? 0)
    return row === undefined ? [] : tileOf(state, row as TileRow)
  })
  return { tiles, total: totalOf(state, query) }
}

type TileRow = Pick<Tile, "bucket" | "name" | "state" | "changed_at_ms" | "kind"> &
  Pick<SequenceRow, "folder" | "head" | "tail">

const SEQUENCE = `SELECT ${columnsOf(SEQUENCES, "")} FROM sequences WHERE bucket = ? AND folder = ? AND head = ? AND tail = ?`

/** None where its row went since the tile was found: somebody else wrote in between. */
function tileOf(state: State, { bucket, name, kind, ...row }: TileRow): readonly Tile[] {
  const tile = { bucket, name, state: row.state, changed_at_ms: row.changed_at_ms }
  if (kind === "shot") {
    const sequence = state.sql(SEQUENCE).get(bucket, row.folder, row.head, row.tail)
    return sequence === undefined ? [] : [{ ...tile, kind, sequence: sequence as unknown as SequenceRow }]
  }
  const { element, output } = knownSource(state, { bucket, key: name })
  if (kind === "frame") return output === null ? [] : [{ ...tile, kind, output }]
  return element === null ? [] : [{ ...tile, kind, element }]
}

type Totals = { version: string; readonly counts: Map<string, number> }

/** Counting goes through all tiles: done once for each change of the database, not for each page. */
const TOTALS = new WeakMap<State, Totals>()

const MOST_TOTALS = 100

function totalOf(state: State, query: TilesQuery): number {
  const { where, values } = whereOf(conditionsOf(query))
  const own = state.sql("SELECT total_changes() AS changes").get()?.changes
  const others = state.sql("PRAGMA data_version").get()?.data_version
  const version = `${own}/${others}`
  const known = TOTALS.get(state)
  const totals = known?.version === version && known.counts.size < MOST_TOTALS ? known : { version, counts: new Map() }
  TOTALS.set(state, totals)
  const name = JSON.stringify([where, ...values])
  const counted = totals.counts.get(name)
  if (counted !== undefined) return counted
  const total = Number(state.sql(`SELECT count(*) AS tiles FROM tiles ${where}`).get(...values)?.tiles)
  totals.counts.set(name, total)
  return total
}
