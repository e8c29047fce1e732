// Rows about sequences.

import { plausibleMs } from "../events/time.ts"
import { digits, TIME_DIGITS } from "./rows.ts"

/**
 * What is known of one sequence: one row per (bucket, folder, head, tail). Of two rows the one with the greater
 * `version_order` stays: the later revision, and of one revision what became of it. Frames are written as ranges
 * (`1001-1040,1045`).
 */
export type SequenceRow = {
  readonly bucket: string
  readonly folder: string
  readonly head: string
  readonly tail: string
  readonly version_order: string
  readonly sequence_id: string
  /** settled: complete, and its movie is not made yet, or it has too few frames for one. */
  readonly state: "settled" | "made" | "failed"
  readonly revision: string
  readonly frames_made: string
  readonly frames_failed: string
  readonly frames_missing: string
  /** Frames in whose place the movie shows another one. */
  readonly frames_held: string
  readonly gaps: string
  readonly movie_key: string | null
  readonly manifest_key: string | null
  /** A picture of the movie's size, the sheet to scrub by, and its cues; null where there is none. */
  readonly poster_key: string | null
  readonly sprites_key: string | null
  readonly sprites_vtt_key: string | null
  /** 0 where there is no movie, as the next ones. */
  readonly movie_size_bytes: number
  readonly movie_frames: number
  /** `1920x1080`. */
  readonly movie_resolution: string | null
  /** `24000/1001`. */
  readonly frame_rate: string | null
  readonly timecode: string | null
  readonly failure_code: string | null
  readonly failure_says: string | null
  /** When the state was reached, epoch milliseconds. */
  readonly changed_at_ms: number
} & IntegrityColumns &
  ReviewColumns

/** The small copy of the movie; all null where nobody asked for one, it is not made yet, or an older version told of it. */
export type ReviewColumns = {
  readonly review_key: string | null
  readonly review_size_bytes: number | null
  /** Its slate included. */
  readonly review_frames: number | null
  /** Why there is none. */
  readonly review_failure_code: string | null
  readonly review_failure_says: string | null
}

export const NO_REVIEW: ReviewColumns = {
  review_key: null,
  review_size_bytes: null,
  review_frames: null,
  review_failure_code: null,
  review_failure_says: null,
}

/**
 * What is wrong with a sequence: frames as ranges, `1001-1040,1045`, which end in `,...` where there were too many runs for
 * the report.
 */
export type IntegrityColumns = {
  /** 1 where nothing is wrong with the sequence, 0 where something is, for SQL without booleans; null without a report. */
  readonly is_sound: 0 | 1 | null
  /** Frames that there is more than one file of. */
  readonly frames_duplicate: string
  /** Found, but not of the stated range. */
  readonly frames_outside: string
  /** null where there are no frames. */
  readonly first_frame: number | null
  /** null where it is the first one found, or none is expected. */
  readonly first_frame_expected: number | null
  /** Names of what differs between frames: size, depth, ... with commas between them. */
  readonly drift: string
  /** `size 1003,1009; rate 1010`. */
  readonly frames_drifted: string
  readonly frames_timecode_jump: string
  readonly frames_black: string
  readonly frames_nearly_black: string
  /** The same bytes as the frame before. */
  readonly frames_frozen: string
  readonly frames_non_finite: string
  readonly non_finite_samples: number
  /** Made frames of whose source nobody knows the hash. */
  readonly frames_unhashed: string
  /** The whole report as JSON, as in the fact. */
  readonly report_json: string | null
}

/**
 * Orders what is said of a sequence: revisions by their time, and of one what became of it behind the settlement: of its
 * movies the one that was made last (its sound may be another), and what became of the copy of that one.
 */
export const sequenceOrder = (asOfMs: number, revision: string, reached: Reached): string =>
  `${digits(plausibleMs(asOfMs), TIME_DIGITS)}~${revision}|${rankOf(reached)}`

/** What was reached of a revision. */
export type Reached =
  | { readonly state: "settled" | "failed" }
  | { readonly state: "made"; readonly madeAtUs: number; readonly copy: "none" | "failed" | "made" }

const MICROSECOND_DIGITS = 18

/** An older version wrote the first digit alone, which stands before all that begin with it. */
const rankOf = (reached: Reached): string =>
  reached.state === "made"
    ? `2.${digits(reached.madeAtUs, MICROSECOND_DIGITS)}.${["none", "failed", "made"].indexOf(reached.copy)}`
    : `${["settled", "failed"].indexOf(reached.state)}`
