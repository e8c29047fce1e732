import { collect, done, type Result } from "../../events/result.ts"
import { visible } from "../../system/visible.ts"
import type { Table } from "../../table/index.ts"
import type { SequenceRow } from "../../table/sequence-rows.ts"
import type { Selection } from "../selection.ts"
import type { Io } from "../terminal/io.ts"
import { tell } from "../terminal/streams.ts"
import { counted } from "./human.ts"
import { sequenceName } from "./sequence/table.ts"

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
  for (const row of sequences.slice(0, MOST_TOLD)) await tell(io, `${visible(sequenceLine(row))}\n`)
  const others = sequences.length - MOST_TOLD
  if (others > 0) await tell(io, `And ${counted(others, "more sequence")}.\n`)
  return done(undefined)
}

/** One frame alone is a still with a number in its name. */
export const isSequence = ({ frames_made: made, frames_failed: failed, movie_key: movie }: SequenceRow): boolean =>
  movie !== null || /[,-]\d/.test(made) || (made !== "" && failed !== "")

/** `sh010/beauty.####.exr  1001-1040  missing 1003  sh010/.proxies/beauty_movie.mp4` */
export function sequenceLine(row: SequenceRow): string {
  const { frames_made, frames_missing, frames_failed, movie_key, failure_code } = row
  return [
    sequenceName(row),
    frames_made,
    ...(frames_missing === "" ? [] : [`missing ${frames_missing}`]),
    ...(frames_failed === "" ? [] : [`failed ${frames_failed}`]),
    movie_key ?? (failure_code === null ? "no movie yet" : `no movie: ${failure_code}: ${row.failure_says ?? ""}`),
  ].join("  ")
}
