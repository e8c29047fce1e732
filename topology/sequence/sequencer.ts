// When a sequence is complete: the workflow that says so.

import { framesOfText, rangesText } from "../../src/element/frame-ranges.ts"
import { framePictureOf, revisionOf } from "../../src/events/identity.ts"
import type { Workflow } from "../flow/workflow.ts"
import { arrive, type FramesKnown, finish, framesIn, type Moment, noFrames, pictureOf, remove } from "./frames-known.ts"

/** What is told of one frame of a sequence. */
export type SequenceFrame = {
  readonly kind: "frame"
  readonly sequenceId: string
  readonly frame: number
  /** The arrival that it is about, and when that was. */
  readonly elementId: string
  readonly arrivedAtMs: number
  readonly factId: string
  readonly recordedAtMs: number
} & (
  | { readonly state: "arrived" | "removed" }
  | { readonly state: "made"; readonly sourceVersion: string; readonly renderKey: string }
  | { readonly state: "failed"; readonly sourceVersion: string | null }
)

/** Somebody says that the sequence is complete now, or of which frames it is to be (`1001-1040`; null: not said). */
export type SequenceHint = {
  readonly kind: "hint"
  readonly sequenceId: string
  readonly factId: string
  readonly recordedAtMs: number
  readonly frames: string | null
}

/** A sequence is complete as it is; a later revision takes its place. Frames are written as ranges. */
export type SequenceSettled = {
  readonly kind: "settled"
  readonly sequenceId: string
  /** Names what the movie is made of: frames, versions of their sources, renderKeys. Equal ones make equal movies. */
  readonly revision: string
  readonly made: string
  readonly failed: string
  /** Frames between the first and the last, or of the range that was stated, of which nothing came. */
  readonly missing: string
}

export type SequencerState = {
  readonly sequenceId: string
  readonly frames: FramesKnown
  /** When the last frame came or went, and when the last was finished, by the log's clock. */
  lastArrivalMs: number
  lastOutcomeMs: number
  hint: { readonly told: Moment; readonly recordedMs: number; readonly frames: Float64Array | null } | null
  /** Revisions that were settled, the last one in the log's order. */
  settled: { readonly told: Moment; readonly revision: string } | null
  /** Worked out when it is asked for, and again after a change. */
  revision: string | null
}

export type SequencerPolicy = {
  /** How long nothing must come before a sequence is taken for complete, where nobody says that it is. */
  readonly quietMs: number
}

type Sequencer = Workflow<SequencerState, SequenceFrame | SequenceHint, SequenceSettled>

/** Settles a sequence when no arrived frame is unfinished, and it was quiet, or somebody said that it is complete. */
export const sequencer = ({ quietMs }: SequencerPolicy): Sequencer => ({
  keyOf: ({ sequenceId }) => sequenceId,
  initial: (sequenceId) => ({
    ...{ sequenceId, frames: noFrames(), lastArrivalMs: NEVER, lastOutcomeMs: NEVER },
    ...{ hint: null, settled: null, revision: null },
  }),
  evolve: (state, { fact, atMs }) => {
    if (fact.kind === "settled") return { ...state, settled: later(state.settled, settledAt(fact, atMs)) }
    if (fact.kind === "hint") return { ...state, hint: later(state.hint, hintOf(fact, atMs)), revision: null }
    const isOther = tell(state.frames, fact)
    const last = fact.state === "made" || fact.state === "failed" ? "lastOutcomeMs" : "lastArrivalMs"
    return { ...state, [last]: Math.max(state[last], atMs), revision: isOther ? null : state.revision }
  },
  decide: (state, { knownUntilMs }) => {
    const dueMs = dueMsOf(state, quietMs)
    return dueMs === null || knownUntilMs < dueMs || !isNews(state) ? [] : [settlement(state)]
  },
  deadlineOf: (state) => {
    // Cheap first: while frames are unfinished nobody asks for the revision.
    const dueMs = dueMsOf(state, quietMs)
    return dueMs !== null && isNews(state) ? dueMs : null
  },
})

const NEVER = Number.NEGATIVE_INFINITY

const idOf = (uuid: string): bigint => BigInt(`0x${uuid.replaceAll("-", "").slice(0, 16)}`)

function tell(frames: FramesKnown, fact: SequenceFrame): boolean {
  const arrival = { atMs: fact.arrivedAtMs, id: idOf(fact.elementId) }
  if (fact.state === "arrived") return arrive(frames, fact.frame, arrival)
  if (fact.state === "removed") return remove(frames, fact.frame, arrival)
  const recorded = { atMs: fact.recordedAtMs, id: idOf(fact.factId) }
  const picture = fact.state === "made" ? framePictureOf(fact.sourceVersion, fact.renderKey) : ([0n, 0n] as const)
  return finish(frames, fact.frame, { state: fact.state, arrival, recorded, picture })
}

const settledAt = ({ revision }: SequenceSettled, atMs: number) => ({
  revision,
  told: { atMs, id: BigInt(`0x${revision.slice(0, 16)}`) },
})

const hintOf = ({ factId, recordedAtMs, frames }: SequenceHint, atMs: number) => ({
  told: { atMs: recordedAtMs, id: idOf(factId) },
  recordedMs: atMs,
  frames: frames === null ? null : framesOfText(frames),
})

function later<T extends { readonly told: Moment }>(known: T | null, told: T): T {
  if (known === null || told.told.atMs > known.told.atMs) return told
  return told.told.atMs === known.told.atMs && told.told.id > known.told.id ? told : known
}

/** From when on it is complete: null while a frame is unfinished, or there is nothing to settle. */
function dueMsOf(state: SequencerState, quietMs: number): number | null {
  const { frames, hint, settled } = state
  const { made, failed, unfinished } = frames.counts
  if (unfinished > 0 || (made + failed === 0 && settled === null)) return null
  // The log keeps what became of frames for longer than their arrivals.
  const lastMs = state.lastArrivalMs === NEVER ? state.lastOutcomeMs : state.lastArrivalMs
  return hint !== null && isComplete(frames, hint, lastMs) ? Math.max(lastMs, hint.recordedMs) : lastMs + quietMs
}

/** A hint is about what came before it; of a stated range all must be there, whenever it came. */
const isComplete = (frames: FramesKnown, hint: NonNullable<SequencerState["hint"]>, lastMs: number): boolean =>
  hint.frames === null ? lastMs <= hint.recordedMs : hint.frames.every((frame) => isThere(frames, frame))

const isThere = ({ rows, columns }: FramesKnown, frame: number): boolean =>
  (columns.states[rows.get(frame) ?? -1] ?? 0) > 1

const isNews = (state: SequencerState): boolean => revisionNow(state) !== state.settled?.revision

function revisionNow(state: SequencerState): string {
  state.revision ??= revisionOf(partsOf(state))
  return state.revision
}

/** The frames in order, with the picture of each, and what is said about the others. */
function* partsOf({ sequenceId, frames, hint }: SequencerState): Generator<string | BigUint64Array> {
  yield sequenceId
  for (const frame of framesIn(frames, "made")) {
    yield `\n${frame} `
    yield pictureOf(frames, frame)
  }
  yield `\nfailed ${rangesText(framesIn(frames, "failed"))}`
  yield `\nstated ${hint?.frames == null ? "" : rangesText(hint.frames)}`
}

function settlement(state: SequencerState): SequenceSettled {
  const [made, failed] = [framesIn(state.frames, "made"), framesIn(state.frames, "failed")]
  return {
    kind: "settled",
    sequenceId: state.sequenceId,
    revision: revisionNow(state),
    made: rangesText(made),
    failed: rangesText(failed),
    missing: missingOf(state),
  }
}

/** As ranges, without counting through them: numbers of two kinds are far apart. */
function missingOf({ frames, hint }: SequencerState): string {
  if (hint?.frames != null) return rangesText(hint.frames.filter((frame) => !isThere(frames, frame)))
  const parts = [framesIn(frames, "made"), framesIn(frames, "failed")]
  const there = Float64Array.from(parts.flatMap((part) => [...part])).sort()
  const holes: string[] = []
  for (let index = 1; index < there.length; index++) {
    const [first, last] = [(there[index - 1] ?? 0) + 1, (there[index] ?? 0) - 1]
    if (first <= last) holes.push(first === last ? `${first}` : `${first}-${last}`)
  }
  return holes.join(",")
}
