// What a settled revision is made of: whoever settles a sequence and whoever makes its movie work it out alike.

import {
  frameSet,
  framesOfText,
  framesWithout,
  GAP_POLICIES,
  holesText,
  rangesText,
} from "../../src/element/frame-ranges.ts"
import { framePictureOf, revisionOf } from "../../src/events/identity.ts"
import type { SequenceSettled } from "../../src/events/records.generated.ts"
import type { MovieOrder } from "../../src/picture/index.ts"
import type { ObjectHead } from "../../src/store/index.ts"

export type RevisionParts = Pick<SequenceSettled, "failed" | "stated" | "gaps"> & {
  readonly sequenceId: string
  /** Made frames, ascending. */
  readonly frames: Float64Array
  /** Names the picture of a frame, in two halves of 64 bits. `at` is its place among the frames. */
  readonly pictureOf: (frame: number, at: number) => BigUint64Array
}

/** The parts of the hash: made frames in order, each with its picture, and what is said about the others. */
export function* revisionParts(of: RevisionParts): Generator<string | BigUint64Array> {
  yield of.sequenceId
  for (const [at, frame] of of.frames.entries()) {
    yield `\n${frame} `
    yield of.pictureOf(frame, at)
  }
  yield `\nfailed ${of.failed}\nstated ${of.stated}\ngaps ${of.gaps}`
}

/** A settlement on its way to a movie. */
export type Settlement = { readonly settled: SequenceSettled; readonly begunMs: number }

/** A made frame of a settled sequence: its number, and the name of its file. */
export type FrameFile = { readonly frame: number; readonly key: string }

/** A frame and its proxy, as HEAD saw it. */
export type FoundProxy = FrameFile & { readonly head: ObjectHead }

/** The frames of a text as they stand in a fact of ours; none where it is empty. */
export const framesIn = (ranges: string): Float64Array =>
  ranges === "" ? new Float64Array() : (framesOfText(ranges) ?? new Float64Array())

/** The files of the made frames, ascending. */
export function filesOf({ sequence, made, padding, otherWidths }: SequenceSettled): readonly FrameFile[] {
  const widths = new Map(
    otherWidths.flatMap((others) => [...framesIn(others.frames)].map((frame) => [frame, others.padding] as const)),
  )
  const { folder, head, tail } = sequence
  return Array.from(framesIn(made), (frame) => {
    const digits = String(Math.abs(frame)).padStart(widths.get(frame) ?? padding, "0")
    return { frame, key: `${folder}${head}${frame < 0 ? "-" : ""}${digits}${tail}` }
  })
}

/** The picture of one frame, as a revision hashes it. */
export const pictureNamed = (sourceVersion: string, renderKey: string): BigUint64Array =>
  BigUint64Array.from(framePictureOf(sourceVersion, renderKey))

/** The revision of a settlement whose pictures are these, in the order of its frames. */
export const revisionOfPictures = (
  { sequence, made, failed, stated, gaps }: SequenceSettled,
  pictures: BigUint64Array,
): string =>
  revisionOf(
    revisionParts({
      ...{ sequenceId: sequence.sequenceId, frames: framesIn(made), failed, stated, gaps },
      pictureOf: (_, at) => pictures.subarray(at * 2, at * 2 + 2),
    }),
  )

/** The frames that a movie spans: those that were stated, else from the first that is made or failed to the last. */
export function spanOf({ made, failed, stated }: Pick<SequenceSettled, "made" | "failed" | "stated">): {
  readonly first: number
  readonly last: number
} {
  const parts = stated === "" ? [framesIn(made), framesIn(failed)] : [framesIn(stated)]
  const ends = parts.filter(({ length }) => length > 0).map((part) => ({ first: part[0] ?? 0, last: part.at(-1) ?? 0 }))
  return { first: Math.min(...ends.map(({ first }) => first)), last: Math.max(...ends.map(({ last }) => last)) }
}

/** Frames of the span that are not made, as ranges; `missing` of the fact may be cut short. */
export function heldIn({ made, failed, stated }: Pick<SequenceSettled, "made" | "failed" | "stated">): string {
  const failures = framesIn(failed)
  const finished = frameSet([...framesIn(made), ...failures])
  const missing = stated === "" ? framesIn(holesText(finished)) : framesWithout(framesIn(stated), finished)
  return rangesText(Float64Array.from([...failures, ...missing]).sort())
}

/** The frames that there are, and what the movie shows of them. */
export const framesOf = (settled: SequenceSettled): Pick<MovieOrder, "found" | "range" | "gaps"> => ({
  found: framesIn(settled.made),
  range: spanOf(settled),
  gaps: GAP_POLICIES.find((policy) => policy === settled.gaps) ?? "hold",
})
