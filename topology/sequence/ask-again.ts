// Proxies of which no movie can be made as they are: their frames arrive again.

import { cappedRanges, rangesText } from "../../src/element/frame-ranges.ts"
import { type DraftOf, elementIdOf } from "../../src/events/identity.ts"
import type { Failure } from "../../src/events/result.ts"
import type { FrameFile, Settlement } from "./revision.ts"

/** What announces an arrival that a movie waits for. */
export const FOR_MOVIE = "movie"

const ROUNDS = 3

/** When frames were asked for, the last times, ascending: all arrivals of one round have one time. */
export const hearAsked = (rounds: readonly number[], arrivedAtMs: number): readonly number[] =>
  [...new Set([...rounds, arrivedAtMs])].sort((a, b) => a - b).slice(-ROUNDS)

const DAY_MS = 24 * 3_600_000

/**
 * How much longer than usual a movie waits whose frames were asked for: a store that loses them as they are made is asked
 * ever more rarely, at last once a day. Rounds that are days apart have nothing to do with each other.
 */
export function patienceMs(rounds: readonly number[]): number {
  const [first, second, last] = rounds
  if (first === undefined || second === undefined || last === undefined) return 0
  return Math.max(second - first, last - second) > 2 * DAY_MS ? 0 : Math.min(DAY_MS, last - first)
}

/** Frames that are asked for, why, and whether outputs that are there must be rendered again all the same. */
export type Asking = Settlement & {
  readonly asked: { readonly files: readonly FrameFile[]; readonly failure: Failure; readonly force: boolean }
}

export const asking = (
  { settled, begunMs }: Settlement,
  files: readonly FrameFile[],
  failure: Failure,
  { force }: { readonly force: boolean },
): Asking => ({ settled, begunMs, asked: { files, failure, force } })

/** For a sentence. */
export const framesText = (files: readonly FrameFile[]): string =>
  cappedRanges(rangesText(Float64Array.from(files, ({ frame }) => frame)), MOST_LETTERS_SAID)

const MOST_LETTERS_SAID = 1000

/** Their arrivals. One settlement asks once: a redelivery tells of the same arrivals. */
export function arrivalsOf(
  { settled, asked: { files, force } }: Asking,
  nowMs: number,
): readonly DraftOf<"element-created">[] {
  const { sequence, revision, asOfMs } = settled
  return files.map(({ key }) => {
    const { sequenceId, bucket } = sequence
    const elementId = elementIdOf({ movie: { sequenceId, revision, asOfMs, key } })
    const element = { ...NOTHING_KNOWN, elementId, triggerId: elementId, trigger: FOR_MOVIE, bucket, key, force }
    return {
      topic: "element-created",
      about: [elementId],
      recordedAtMs: nowMs,
      value: { element: { ...element, attempt: 0, arrivedAtMs: nowMs }, logicalTimeMs: nowMs, requestedBy: null },
    }
  })
}

const NOTHING_KNOWN = {
  ...{ keyAlternative: null, etag: null, sizeBytes: null, versionId: null, sequencer: null, assetId: null },
  ...{ jobId: null, projectId: null, shotId: null, traceparent: null, tracestate: null },
}
