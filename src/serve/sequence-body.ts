/** A sequence as the API has it: its row, what it is called, and the addresses of what belongs to its movie. */

import { frameNameOf } from "../element/frame-name.ts"
import type { SequenceNames } from "../table/pages.ts"
import type { SequenceRow } from "../table/sequence-rows.ts"
import type { Addresses } from "./addresses.ts"
import type { Opened } from "./ports.ts"
import { urlsBody } from "./rows.ts"

export const SequenceUrls = urlsBody("thumbnail", "poster", "sprites", "vtt", "movie", "manifest", "review")

export const nameOfSequence = ({ folder, head, tail }: SequenceNames): string => `${folder}${head}#${tail}`

/** As it is written behind a `v` in a name; null where there is none. */
export const versionOf = ({ folder, head, tail }: SequenceNames): string | null =>
  frameNameOf(`${folder}${head}1001${tail}`, "always")?.version ?? null

/** Addresses of what lies beside a movie: where outputs go, else in the bucket of its frames. */
export async function sequenceUrls(row: SequenceRow, { outputs }: Pick<Opened, "outputs">, addresses: Addresses) {
  const bucket = outputs?.bucket ?? row.bucket
  const [poster, sprites, vtt, movie, manifest, review] = await Promise.all([
    addresses.at(bucket, row.poster_key, "picture"),
    addresses.at(bucket, row.sprites_key, "picture"),
    addresses.at(bucket, row.sprites_vtt_key, "picture"),
    addresses.at(bucket, row.movie_key, "movie"),
    addresses.at(bucket, row.manifest_key, "picture"),
    addresses.at(bucket, row.review_key, "movie"),
  ])
  return { poster, sprites, vtt, movie, manifest, review }
}

const MOST_PADDING = 8

/** Keys that the frame in the middle may have: the row does not tell how many digits its number is written with. */
export function middleKeys({ folder, head, tail, frames_made }: SequenceRow): readonly string[] {
  const middle = middleOf(frames_made)
  if (middle === null) return []
  const digits = String(Math.abs(middle))
  const widths = Array.from(
    { length: Math.max(1, MOST_PADDING - digits.length + 1) },
    (_, more) => digits.length + more,
  )
  return widths.map((width) => `${folder}${head}${middle < 0 ? "-" : ""}${digits.padStart(width, "0")}${tail}`)
}

/** The frame in the middle of ranges: `1001-1040,1045`; null where there is none. */
function middleOf(ranges: string): number | null {
  const runs = [...ranges.matchAll(/(-?\d+)(?:-(-?\d+))?/g)].map(([, first, last]) => [
    Number(first),
    Number(last ?? first),
  ])
  const count = runs.reduce((sum, [first = 0, last = 0]) => sum + last - first + 1, 0)
  let left = Math.floor(count / 2)
  for (const [first = 0, last = 0] of runs) {
    if (left <= last - first) return first + left
    left -= last - first + 1
  }
  return null
}
