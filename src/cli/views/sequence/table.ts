import type { SequenceRow } from "../../../table/sequence-rows.ts"
import { counted } from "../human.ts"
import type { Column } from "../text-table.ts"

/** Columns of `sequences --json` and `--csv`, in order: all but the one that rows are merged by. */
export const SEQUENCE_FIELDS = [
  ...(["bucket", "folder", "head", "tail", "sequence_id", "state", "revision"] as const),
  ...(["frames_made", "frames_failed", "frames_missing", "frames_held", "gaps"] as const),
  ...([
    "movie_key",
    "manifest_key",
    "poster_key",
    "sprites_key",
    "sprites_vtt_key",
    "movie_size_bytes",
    "movie_frames",
    "movie_resolution",
  ] as const),
  ...(["frame_rate", "timecode", "failure_code", "failure_says", "changed_at_ms", "is_sound"] as const),
  ...(["frames_duplicate", "frames_outside", "first_frame", "first_frame_expected", "drift"] as const),
  ...(["frames_drifted", "frames_timecode_jump", "frames_black", "frames_nearly_black"] as const),
  ...(["frames_frozen", "frames_non_finite", "non_finite_samples", "frames_unhashed"] as const),
  ...(["review_key", "review_size_bytes", "review_frames"] as const),
  ...(["review_failure_code", "review_failure_says"] as const),
] satisfies readonly (keyof SequenceRow)[]

/** `sh010/beauty.#.exr`. */
export const sequenceName = ({ folder, head, tail }: Pick<SequenceRow, "folder" | "head" | "tail">): string =>
  `${folder}${head}#${tail}`

/** Widest that ranges are shown in a table; JSON and CSV have all of them. */
const MOST_LETTERS = 24

function rangesText(ranges: string): string {
  if (ranges.length <= MOST_LETTERS) return ranges
  const runs = ranges.slice(0, ranges.lastIndexOf(",", MOST_LETTERS - 4) + 1)
  return `${runs === "" ? ranges.slice(0, MOST_LETTERS - 3) : runs}...`
}

/** `sequences`, for reading. */
export const SEQUENCE_COLUMNS: readonly Column<SequenceRow>[] = [
  { title: "bucket", of: ({ bucket }) => bucket },
  { title: "sequence", of: sequenceName },
  { title: "frames", of: ({ frames_made }) => rangesText(frames_made) },
  { title: "missing", of: ({ frames_missing }) => rangesText(frames_missing) },
  { title: "failed", of: ({ frames_failed }) => rangesText(frames_failed) },
  { title: "rate", of: ({ frame_rate }) => frame_rate ?? "", alignRight: true },
  { title: "movie", of: movieText },
]

function movieText({ movie_key, movie_frames, state, failure_code }: SequenceRow): string {
  if (movie_key !== null) return counted(movie_frames, "frame")
  return failure_code ?? (state === "settled" ? "not yet" : "none")
}
