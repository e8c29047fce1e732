import { outputAddress } from "../../src/element/output-places.ts"
import type { MovieMade, ReviewMade, SequenceSettled } from "../../src/events/records.generated.ts"
import { isTime } from "../../src/events/time.ts"
import { integrityColumns, NO_REPORT } from "../../src/sequence/integrity/columns.ts"
import { NO_REVIEW, type Reached, type SequenceRow, sequenceOrder } from "../../src/table/sequence-rows.ts"

/** Times that no date tells: of facts of ours there are none. */
export const untimelySequence = ({ asOfMs }: Pick<SequenceSettled, "asOfMs">): string | null =>
  isTime(asOfMs) && asOfMs >= 0 ? null : `A sequence cannot have been settled as of ${asOfMs} ms.`

const NO_MOVIE = {
  frames_held: "",
  movie_key: null,
  manifest_key: null,
  poster_key: null,
  sprites_key: null,
  sprites_vtt_key: null,
  movie_size_bytes: 0,
  movie_frames: 0,
  movie_resolution: null,
  frame_rate: null,
  timecode: null,
  failure_code: null,
  failure_says: null,
  ...NO_REVIEW,
} satisfies Partial<SequenceRow>

export const settledRow = (settled: SequenceSettled): SequenceRow => ({
  ...rowOf(settled, { state: "settled" }),
  changed_at_ms: settled.recordedAtMs,
})

/** A revision whose movie is made, or why it has none. */
export function movieRow(made: MovieMade, copy: "none" | "failed" | "made" = "none"): SequenceRow {
  const { sequence, movie, failure, generatedAtUs } = made
  const withoutMovie = failure === null ? "settled" : "failed"
  const reached: Reached = movie === null ? { state: withoutMovie } : { state: "made", madeAtUs: generatedAtUs, copy }
  const row = { ...rowOf(made, reached), changed_at_ms: Math.trunc(generatedAtUs / 1000) }
  if (movie === null) return { ...row, failure_code: failure?.code ?? null, failure_says: failure?.says ?? null }
  const { bucket, frameRate, beside } = movie
  const addressOf = (key: string): string => outputAddress(sequence.bucket, { bucket, key })
  const companion = (name: string): string | null => {
    const key = beside.find((one) => one.name === name)?.key
    return key === undefined ? null : addressOf(key)
  }
  return {
    ...row,
    frames_held: movie.held,
    movie_key: addressOf(movie.key),
    manifest_key: addressOf(movie.manifestKey),
    poster_key: companion("poster"),
    sprites_key: companion("sprites"),
    sprites_vtt_key: companion("sprites_vtt"),
    movie_size_bytes: movie.sizeBytes,
    movie_frames: movie.frames,
    movie_resolution: `${movie.width}x${movie.height}`,
    frame_rate: `${frameRate.num}/${frameRate.den}`,
    timecode: movie.timecode,
  }
}

/** A movie and its copy, or why there is none; null where the fact does not say of which movie. */
export function reviewRow({ made, review, failure }: ReviewMade): SequenceRow | null {
  if (made === null) return null
  return {
    ...movieRow(made, review === null ? "failed" : "made"),
    review_key: review && outputAddress(made.sequence.bucket, review),
    review_size_bytes: review?.sizeBytes ?? null,
    review_frames: review?.frames ?? null,
    review_failure_code: failure?.code ?? null,
    review_failure_says: failure?.says ?? null,
  }
}

function rowOf(
  { sequence, revision, made, failed, missing, gaps, asOfMs, report }: Omit<SequenceSettled, "padding" | "otherWidths">,
  reached: Reached,
): Omit<SequenceRow, "changed_at_ms"> {
  const { sequenceId, bucket, folder, head, tail } = sequence
  const { state } = reached
  const version = sequenceOrder(asOfMs, revision, reached)
  const frames = { frames_made: made, frames_failed: failed, frames_missing: missing }
  const about = { bucket, folder, head, tail, version_order: version, sequence_id: sequenceId, state, revision }
  const integrity = report === null ? NO_REPORT : integrityColumns(report)
  return { ...about, ...frames, gaps, ...NO_MOVIE, ...integrity }
}
