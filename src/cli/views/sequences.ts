import { collect, done, type Result } from "../../events/result.ts"
import { visible } from "../../system/visible.ts"
import type { Table } from "../../table/index.ts"
import type { SequenceRow } from "../../table/sequence-rows.ts"
import type { Selection } from "../selection.ts"
import { columnsOf, type Io } from "../terminal/io.ts"
import { tell } from "../terminal/streams.ts"
import { counted } from "./human.ts"
import { sequenceName } from "./sequence/table.ts"
import { shortened, widthOf } from "./text-table.ts"

/** Most sequences that the end of a run lists. */
const MOST_TOLD = 100

/** Says on stderr what there is of each sequence: its frames, what is missing, and where its movie is. */
export async function listSequences(
  table: Pick<Table, "sequences">,
  { bucket, selection }: { readonly bucket: string; readonly selection: Pick<Selection, "prefix"> | null },
  io: Io,
): Promise<Result<void>> {
  const rows = await collect(table.sequences())
  if (!rows.ok) return rows
  const sequences = rows.value.filter(
    (row) => row.bucket === bucket && row.folder.startsWith(selection?.prefix ?? "") && isSequence(row),
  )
  const width = io.stderr.isTTY === true ? columnsOf(io.stderr) : null
  for (const row of sequences.slice(0, MOST_TOLD)) await tell(io, `${sequenceLine(row, width)}\n`)
  const others = sequences.length - MOST_TOLD
  if (others > 0) await tell(io, `And ${counted(others, "more sequence")}.\n`)
  return done(undefined)
}

/** One frame alone is a still with a number in its name. */
export const isSequence = ({ frames_made: made, frames_failed: failed, movie_key: movie }: SequenceRow): boolean =>
  movie !== null || /[,-]\d/.test(made) || (made !== "" && failed !== "")

/** Columns between the parts of a line. */
const GAP = "  "

/** A name in fewer columns tells nothing. */
const LEAST_NAME = 16

/**
 * `sh010/beauty.#.exr  1001-1040  missing 1003  sh010/.proxies/beauty_movie.mp4`; where that is wider than a terminal, both names lose
 * of their middles. Ranges and sentences stay whole.
 */
export function sequenceLine(row: SequenceRow, width: number | null): string {
  const { frames_made, frames_missing, frames_failed, movie_key, failure_code } = row
  const name = visible(sequenceName(row))
  const frames = [
    frames_made,
    ...(frames_missing === "" ? [] : [`missing ${frames_missing}`]),
    ...(frames_failed === "" ? [] : [`failed ${frames_failed}`]),
  ].join(GAP)
  if (movie_key === null) {
    const why = failure_code === null ? "no movie yet" : `no movie: ${failure_code}: ${row.failure_says ?? ""}`
    return [name, frames, visible(why)].join(GAP)
  }
  const movie = visible(movie_key)
  const room = (width ?? Number.POSITIVE_INFINITY) - widthOf(frames) - 2 * GAP.length
  const nameRoom = Math.max(LEAST_NAME, room - widthOf(movie), Math.floor(room / 2))
  const movieRoom = Math.max(LEAST_NAME, room - Math.min(widthOf(name), nameRoom))
  return [shortened(name, nameRoom), frames, shortened(movie, movieRoom)].join(GAP)
}
