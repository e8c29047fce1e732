// When a sequence is complete: the workflow that says so.

import { rangesText } from "../../src/element/frame-ranges.ts"
import { framePictureOf, revisionOf } from "../../src/events/identity.ts"
import type { Sequence, SequenceSettled as SettledFact } from "../../src/events/records.generated.ts"
import type { Workflow } from "../flow/workflow.ts"
import {
  arrive,
  type FramesKnown,
  finish,
  framesIn,
  type Moment,
  noFrames,
  paddingOf,
  pictureOf,
  remove,
} from "./frames-known.ts"
import { type GapChoice, revisionParts } from "./revision.ts"
import {
  hearStatement,
  isSaidComplete,
  later,
  type SequenceStated,
  type Statements,
  statedByRule,
} from "./statements.ts"

/** What is told of one frame of a sequence. */
export type SequenceFrame = {
  readonly kind: "frame"
  readonly sequence: Sequence
  readonly frame: number
  /** Digits that its number is written with. */
  readonly padding: number
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

/** A sequence is complete as it is; a later revision takes its place. Frames are written as ranges. */
export type SequenceSettled = Pick<
  SettledFact,
  "sequence" | "revision" | "made" | "failed" | "missing" | "stated" | "gaps" | "asOfMs" | "padding" | "otherWidths"
> & { readonly kind: "settled" }

export type SequencerState = {
  /** null before the first fact. */
  readonly sequence: Sequence | null
  readonly frames: FramesKnown
  /** When the last frame came or went, and when the last was finished, by the log's clock. */
  lastArrivalMs: number
  lastOutcomeMs: number
  /** When the last frame that came or went was taken in, by the clock of who took it in: what statements are compared with. */
  lastTakenInMs: number
  readonly rules: RulesOfSequence
  readonly statements: Statements
  /** Revisions that were settled, the last one in the log's order. */
  settled: { readonly told: Moment; readonly revision: string } | null
  /** Worked out when it is asked for, and again after a change. */
  revision: string | null
}

export type SequencerPolicy = {
  /** How long nothing must come before a sequence is taken for complete, where nobody says that it is. */
  readonly quietMs: number
  readonly rulesFor: (sequence: Sequence) => RulesOfSequence
}

/** What the settings say of one sequence. */
export type RulesOfSequence = {
  /** What a movie shows in the place of frames that are not made. */
  readonly gaps: GapChoice
  /** Frames that there have to be, as ranges; null where nothing is stated. */
  readonly frames: string | null
}

type Sequencer = Workflow<SequencerState, SequenceFrame | SequenceStated, SequenceSettled>

/** Settles a sequence when no arrived frame is unfinished, and it was quiet, or somebody said that it is complete. */
export const sequencer = ({ quietMs, rulesFor }: SequencerPolicy): Sequencer => ({
  keyOf: ({ sequence: { sequenceId } }) => sequenceId,
  initial: () => ({
    ...{ sequence: null, frames: noFrames(), lastArrivalMs: NEVER, lastOutcomeMs: NEVER, lastTakenInMs: NEVER },
    ...{ rules: NO_RULES, statements: statedByRule(null), settled: null, revision: null },
  }),
  evolve: (known, { fact, atMs }) => {
    const state = known.sequence === null ? begun(known, fact.sequence, rulesFor) : known
    if (fact.kind === "settled") return { ...state, settled: later(state.settled, settledAt(fact)) }
    if (fact.kind === "stated") return { ...state, statements: statedIn(state, fact, atMs), revision: null }
    const isOther = tell(state.frames, fact)
    const isOutcome = fact.state === "made" || fact.state === "failed"
    const last = isOutcome ? "lastOutcomeMs" : "lastArrivalMs"
    const lastTakenInMs = Math.max(state.lastTakenInMs, fact.arrivedAtMs)
    const revision = isOther ? null : state.revision
    return { ...state, lastTakenInMs, [last]: Math.max(state[last], atMs), revision }
  },
  decide: (state, { knownUntilMs }) => {
    const dueMs = dueMsOf(state, quietMs)
    return dueMs === null || knownUntilMs < dueMs || !isNews(state) ? [] : settlement(state)
  },
  deadlineOf: (state) => {
    // Cheap first: while frames are unfinished nobody asks for the revision.
    const dueMs = dueMsOf(state, quietMs)
    return dueMs !== null && isNews(state) ? dueMs : null
  },
})

const NO_RULES: RulesOfSequence = { gaps: "hold", frames: null }

function begun(state: SequencerState, sequence: Sequence, rulesFor: SequencerPolicy["rulesFor"]): SequencerState {
  const rules = rulesFor(sequence)
  return { ...state, sequence, rules, statements: statedByRule(rules.frames) }
}

const statedIn = ({ statements, rules }: SequencerState, fact: SequenceStated, atMs: number): Statements =>
  hearStatement(statements, fact, {
    told: { atMs: fact.recordedAtMs, id: idOf(fact.factId) },
    ...{ atMs, rule: rules.frames },
  })

const NEVER = Number.NEGATIVE_INFINITY

/** Ids are put in an order by their first 64 bits; others' facts may have ids of any form. */
const idOf = (id: string): bigint =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-/.test(id)
    ? BigInt(`0x${id.slice(0, 8)}${id.slice(9, 13)}${id.slice(14, 18)}`)
    : framePictureOf(id, "")[0]

function tell(frames: FramesKnown, fact: SequenceFrame): boolean {
  const arrival = { atMs: fact.arrivedAtMs, id: idOf(fact.elementId) }
  if (fact.state === "arrived") return arrive(frames, fact.frame, arrival)
  if (fact.state === "removed") return remove(frames, fact.frame, arrival)
  const recorded = { atMs: fact.recordedAtMs, id: idOf(fact.factId) }
  const picture = fact.state === "made" ? framePictureOf(fact.sourceVersion, fact.renderKey) : ([0n, 0n] as const)
  return finish(frames, fact.frame, { state: fact.state, arrival, recorded, picture, padding: fact.padding })
}

const settledAt = ({ revision, asOfMs }: SequenceSettled) => ({
  revision,
  told: { atMs: asOfMs, id: idOf(revision) },
})

/** From when on it is complete: null while a frame is unfinished, or there is nothing to settle. */
function dueMsOf(state: SequencerState, quietMs: number): number | null {
  const { frames, statements, settled } = state
  const { made, failed, unfinished } = frames.counts
  if (unfinished > 0 || (made + failed === 0 && settled === null)) return null
  // The log keeps what became of frames for longer than their arrivals.
  const lastMs = state.lastArrivalMs === NEVER ? state.lastOutcomeMs : state.lastArrivalMs
  return isComplete(state) ? Math.max(lastMs, statements.lastMs) : lastMs + quietMs
}

/** A word that it is complete is about what came before; of stated frames all must be there, whenever that was said. */
const isComplete = ({ frames, statements, lastTakenInMs }: SequencerState): boolean =>
  statements.frames?.every((frame) => isThere(frames, frame)) === true || isSaidComplete(statements, lastTakenInMs)

const isThere = ({ rows, columns }: FramesKnown, frame: number): boolean =>
  (columns.states[rows.get(frame) ?? -1] ?? 0) > 1

const isNews = (state: SequencerState): boolean => revisionNow(state) !== state.settled?.revision

function revisionNow(state: SequencerState): string {
  state.revision ??= revisionOf(partsOf(state))
  return state.revision
}

function partsOf(state: SequencerState): Iterable<string | BigUint64Array> {
  const { sequence, frames } = state
  const made = framesIn(frames, "made")
  return revisionParts({
    sequenceId: sequence?.sequenceId ?? "",
    frames: made,
    pictureOf: (frame) => pictureOf(frames, frame),
    failed: rangesText(framesIn(frames, "failed")),
    stated: rangesStated(state),
    gaps: state.rules.gaps,
  })
}

const rangesStated = ({ statements: { frames } }: SequencerState): string => (frames === null ? "" : rangesText(frames))

function settlement(state: SequencerState): readonly SequenceSettled[] {
  const { sequence, frames, settled } = state
  if (sequence === null) return []
  const [made, failed] = [framesIn(frames, "made"), framesIn(frames, "failed")]
  return [
    {
      ...{ kind: "settled", sequence, gaps: state.rules.gaps },
      revision: revisionNow(state),
      made: rangesText(made),
      failed: rangesText(failed),
      missing: missingOf(state),
      stated: rangesStated(state),
      asOfMs: Math.max(lastChangeMs(state), (settled?.told.atMs ?? NEVER) + 1),
      ...widthsOf(frames, made),
    },
  ]
}

const lastChangeMs = ({ lastArrivalMs, lastOutcomeMs, statements }: SequencerState): number =>
  Math.max(lastArrivalMs, lastOutcomeMs, statements.lastMs)

/** The smallest width, and the frames that are not written as it lets expect. */
function widthsOf(frames: FramesKnown, made: Float64Array): Pick<SequenceSettled, "padding" | "otherWidths"> {
  const widths = Uint16Array.from(made, (frame) => paddingOf(frames, frame))
  const padding = widths.reduce((least, width) => Math.min(least, width), widths[0] ?? 1)
  const others = Map.groupBy(made.keys(), (at) => widths[at] ?? 0)
  const isOther = (at: number): boolean => digitsOf(made[at] ?? 0, padding) !== widths[at]
  const otherWidths = [...others].flatMap(([width, places]) => {
    const strays = places.filter(isOther).map((at) => made[at] ?? 0)
    return strays.length === 0 ? [] : [{ padding: width, frames: rangesText(Float64Array.from(strays)) }]
  })
  return { padding, otherWidths }
}

const digitsOf = (frame: number, padding: number): number => Math.max(padding, String(Math.abs(frame)).length)

/** As ranges, without counting through them: numbers of two kinds are far apart. */
function missingOf({ frames, statements }: SequencerState): string {
  if (statements.frames !== null) return rangesText(statements.frames.filter((frame) => !isThere(frames, frame)))
  const parts = [framesIn(frames, "made"), framesIn(frames, "failed")]
  const there = Float64Array.from(parts.flatMap((part) => [...part])).sort()
  const holes: string[] = []
  for (let index = 1; index < there.length; index++) {
    const [first, last] = [(there[index - 1] ?? 0) + 1, (there[index] ?? 0) - 1]
    if (first <= last) holes.push(first === last ? `${first}` : `${first}-${last}`)
  }
  return holes.join(",")
}
