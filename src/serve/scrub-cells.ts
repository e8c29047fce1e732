/**
 * What shots are scrubbed by: the cells of each movie's sheet of sprites. Its cues are read here and not by the page, since
 * they may lie in a bucket of another origin, which lets no page read them.
 */

import { outputAt } from "../element/output-places.ts"
import { done, type Result } from "../events/result.ts"
import type { SpriteCells } from "../sheet/index.ts"
import { rateOf } from "../sheet/items.ts"
import { MOST_CUE_BYTES, spriteCellsOf } from "../sheet/sprites.ts"
import { onceEach, type RecentMap, recentMap } from "../system/recent-map.ts"
import type { SequenceRow } from "../table/sequence-rows.ts"
import { maySign } from "./addresses.ts"
import type { Opened, Ports } from "./ports.ts"

type Row = Pick<
  SequenceRow,
  "bucket" | "sequence_id" | "version_order" | "changed_at_ms" | "frame_rate" | "sprites_key" | "sprites_vtt_key"
>

export type ScrubCells = {
  /** Remembers a row that is listed for as long as its addresses work: the table is not asked for each shot pointed at. */
  readonly listed: (row: Row) => void
  /** unknown: no such sequence. none: it has no sprites, or none that may be shown. Fails as table and store do. */
  readonly of: (sequenceId: string) => Promise<Result<SpriteCells | "unknown" | "none">>
}

/** Movies whose cells are kept; 400 cells have some 10 KB. */
const MOST_KEPT = 1_000

/** Rows that are remembered: those of some pages of tiles. */
const MOST_LISTED = 10_000

type Listed = { readonly row: Row; readonly untilMs: number }

export function openScrubCells({ opened }: Pick<Ports, "opened">): ScrubCells {
  const listed: RecentMap<Listed> = recentMap(MOST_LISTED)
  const oncePerMovie = onceEach<SpriteCells | "none">(MOST_KEPT)
  const rowOf = async (id: string): Promise<Result<Row | null>> => {
    const { table, clock } = opened()
    const known = listed.get(id)
    return known !== undefined && known.untilMs > clock.steadyMs() ? done(known.row) : table.sequence(id)
  }
  return {
    listed: (row) => {
      if (row.sprites_vtt_key === null) return
      const { clock, config } = opened()
      listed.set(row.sequence_id, { row: kept(row), untilMs: clock.steadyMs() + config.serveThumbnailSeconds * 1000 })
    },
    of: async (id) => {
      const row = await rowOf(id)
      if (!row.ok) return row
      if (row.value === null) return done("unknown")
      const { version_order, changed_at_ms } = row.value
      return oncePerMovie(JSON.stringify([id, version_order, changed_at_ms]), readingCells(opened(), row.value))
    },
  }
}

/** Without the report, which may be large. */
const kept = (row: Row): Row => ({
  ...{ bucket: row.bucket, sequence_id: row.sequence_id },
  ...{ version_order: row.version_order, changed_at_ms: row.changed_at_ms, frame_rate: row.frame_rate },
  ...{ sprites_key: row.sprites_key, sprites_vtt_key: row.sprites_vtt_key },
})

const readingCells =
  ({ outputs, store, ...allowed }: Opened, row: Row) =>
  async (): Promise<Result<SpriteCells | "none">> => {
    const { sprites_key: sheet, sprites_vtt_key: cues } = row
    const rate = rateOf(row.frame_rate)
    if (sheet === null || cues === null || rate === null) return done("none")
    const ref = outputAt(outputs?.bucket ?? row.bucket, cues)
    if (!maySign({ outputs, ...allowed }, ref)) return done("none")
    const read = await store.readRange(ref, { start: 0, end: MOST_CUE_BYTES })
    return read.ok ? done(spriteCellsOf(new TextDecoder().decode(read.value), rate) ?? "none") : read
  }
