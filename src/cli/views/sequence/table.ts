import { counted } from "../human.ts"
import type { Column } from "../rows.ts"

/** Columns of the table of sequences that are shown; frames are ranges, `1001-1040,1045`. */
export type SequenceColumns = {
  readonly bucket: string
  readonly folder: string
  readonly head: string
  readonly tail: string
  readonly state: string
  readonly revision: string
  readonly frames_made: string
  readonly frames_failed: string
  readonly frames_missing: string
  readonly frames_held: string
  readonly movie_key: string | null
  readonly movie_size_bytes: number
  readonly movie_frames: number
  readonly movie_resolution: string | null
  readonly frame_rate: string | null
  readonly timecode: string | null
  readonly failure_code: string | null
  readonly failure_says: string | null
}

/** Columns of `sequences --json` and `--csv`, in order. */
export const SEQUENCE_FIELDS = [
  ...(["bucket", "folder", "head", "tail", "state", "revision"] as const),
  ...(["frames_made", "frames_failed", "frames_missing", "frames_held"] as const),
  ...(["movie_key", "movie_size_bytes", "movie_frames", "movie_resolution", "frame_rate", "timecode"] as const),
  ...(["failure_code", "failure_says"] as const),
] satisfies readonly (keyof SequenceColumns)[]

/** As `sequence NAME` takes it: `sh010/beauty.#.exr`. */
export const sequenceName = ({ folder, head, tail }: Pick<SequenceColumns, "folder" | "head" | "tail">): string =>
  `${folder}${head}#${tail}`

/** Widest that ranges are shown in a table; JSON and CSV have all of them. */
const MOST_LETTERS = 24

function rangesText(ranges: string): string {
  if (ranges.length <= MOST_LETTERS) return ranges
  const runs = ranges.slice(0, ranges.lastIndexOf(",", MOST_LETTERS - 4) + 1)
  return `${runs === "" ? ranges.slice(0, MOST_LETTERS - 3) : runs}...`
}

/** `sequences`, for reading. */
export const SEQUENCE_COLUMNS: readonly Column<SequenceColumns>[] = [
  { title: "bucket", of: ({ bucket }) => bucket },
  { title: "sequence", of: sequenceName },
  { title: "frames", of: ({ frames_made }) => rangesText(frames_made) },
  { title: "missing", of: ({ frames_missing }) => rangesText(frames_missing) },
  { title: "failed", of: ({ frames_failed }) => rangesText(frames_failed) },
  { title: "rate", of: ({ frame_rate }) => frame_rate ?? "", alignRight: true },
  { title: "movie", of: movieText },
]

function movieText({ movie_key, movie_frames, state, failure_code }: SequenceColumns): string {
  if (movie_key !== null) return counted(movie_frames, "frame")
  return failure_code ?? (state === "settled" ? "not yet" : "none")
}
