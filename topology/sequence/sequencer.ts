// When a sequence is complete: the workflow that says so.

import { cappedRanges, framesWithout, type GapPolicy, holesText, rangesText } from "../../src/element/frame-ranges.ts"
import { reportDigestOf, revisionOf } from "../../src/events/identity.ts"
import type {
  IntegrityReport,
  Rational,
  Sequence,
  SequenceSettled as SettledFact,
} from "../../src/events/records.generated.ts"
import { bytesOfColumns, type FrameColumns, noColumns, reportOf } from "../../src/sequence/integrity/index.ts"
import { SOUND } from "../../src/sequence/stated/index.ts"
import type { Workflow } from "../flow/workflow.ts"
import { FOR_MOVIE, hearAsked, patienceMs } from "./ask-again.ts"
import {
  bytesOfFrames,
  type FramesKnown,
  finishedRows,
  framesAt,
  idOf,
  type Moment,
  noFrames,
  pictureAt,
  shownRows,
  widthsOf,
} from "./frames-known.ts"
import { revisionParts } from "./revision.ts"
import {
  hearStatement,
  isSaidComplete,
  later,
  type SequenceStated,
  type Statements,
  statedByRule,
} from "./statements.ts"
import { type SequenceFrame, tell } from "./told-frame.ts"

/** A sequence is complete as it is; a later revision takes its place. Frames are written as ranges. */
export type SequenceSettled = Omit<SettledFact, "factId" | "causationId" | "recordedAtMs"> & {
  readonly kind: "settled"
}

export type SequencerState = {
  /** null before the first fact. */
  readonly sequence: Sequence | null
  readonly frames: FramesKnown
  /** What the report is made of, in the rows of the frames. */
  readonly details: FrameColumns
  /** When the last frame came or went, and when the last was finished, by the log's clock. */
  lastArrivalMs: number
  lastOutcomeMs: number
  /** When the last frame that came or went was taken in, by the clock of who took it in: what statements are compared with. */
  lastTakenInMs: number
  readonly rules: RulesOfSequence
  readonly statements: Statements
  /** When the last came of what makes the same revision another movie, by the log's clock: a frame made again, or a sound. */
  anewMs: number
  /** When frames were asked for, the last times. */
  asked: readonly number[]
  /** Revisions that were settled, the last one in the log's order. */
  settled: { readonly told: Moment; readonly revision: string; readonly digest: string } | null
  /** Worked out when it is asked for, and again after a change. */
  revision: string | null
  /** Of the report, likewise. */
  digest: string | null
}

export type SequencerPolicy = {
  /** How long nothing must come before a sequence is taken for complete, where nobody says that it is. */
  readonly quietMs: number
  /** Nobody asks later: what is complete is settled now, however often its frames were asked for. */
  readonly isLast?: boolean
  readonly rulesFor: (sequence: Sequence) => RulesOfSequence
  /** Sequences that are not to be settled for now, whatever is known of them; absent: none. */
  readonly isHeld?: (sequence: Sequence) => boolean
}

/** What the settings say of one sequence. */
export type RulesOfSequence = {
  /** What a movie shows in the place of frames that are not made. */
  readonly gaps: GapPolicy
  /** Frames that there have to be, as ranges; null where nothing is stated. */
  readonly frames: string | null
  /** Number that it begins with; null where no rule says so. */
  readonly firstFrame: number | null
  /** Counts the timecodes where the headers say no rate. */
  readonly rate: Rational
}

type Sequencer = Workflow<SequencerState, SequenceFrame | SequenceStated, SequenceSettled>

/** Settles a sequence when no arrived frame is unfinished, and it was quiet, or somebody said that it is complete. */
export const sequencer = ({ rulesFor, isHeld = () => false, ...waiting }: SequencerPolicy): Sequencer => ({
  keyOf: ({ sequence: { sequenceId } }) => sequenceId,
  initial: () => ({
    ...{ sequence: null, frames: noFrames(), details: noColumns() },
    ...{ lastArrivalMs: NEVER, lastOutcomeMs: NEVER, lastTakenInMs: NEVER, anewMs: NEVER, asked: [] },
    ...{ rules: NO_RULES, statements: statedByRule(null), settled: null, ...UNKNOWN },
  }),
  bytesOf: ({ frames, details }) => STATE_BYTES + bytesOfFrames(frames) + bytesOfColumns(details),
  evolve: (known, { fact, atMs }) => {
    const state = known.sequence === null ? begun(known, fact.sequence, rulesFor) : known
    if (fact.kind === "settled") return { ...state, settled: later(state.settled, settledAt(fact)) }
    if (fact.kind === "stated" && fact.by === SOUND) return { ...state, anewMs: Math.max(state.anewMs, atMs) }
    if (fact.kind === "stated") return { ...state, ...UNKNOWN, statements: statedIn(state, fact, atMs) }
    return hearFrame(state, fact, atMs)
  },
  decide: (state, { knownUntilMs }) => {
    const dueMs = dueMsOf(state, waiting)
    if (dueMs === null || knownUntilMs < dueMs || !isNews(state)) return []
    return state.sequence !== null && isHeld(state.sequence) ? [] : settlement(state)
  },
  deadlineOf: (state) => {
    // Cheap first: while frames are unfinished nobody asks for the revision.
    const dueMs = dueMsOf(state, waiting)
    return dueMs !== null && isNews(state) ? dueMs : null
  },
})

/** Of a state without frames: names, statements, and what the columns take beside their numbers. */
const STATE_BYTES = 4000

const UNKNOWN = { revision: null, digest: null } as const

const NO_RULES: RulesOfSequence = { gaps: "hold", frames: null, firstFrame: null, rate: { num: 24, den: 1 } }

function begun(state: SequencerState, sequence: Sequence, rulesFor: SequencerPolicy["rulesFor"]): SequencerState {
  const rules = rulesFor(sequence)
  return { ...state, sequence, rules, statements: statedByRule(rules.frames) }
}

/** Changes the state in place: this is done for every fact about a frame. */
function hearFrame(state: SequencerState, fact: SequenceFrame, atMs: number): SequencerState {
  if (tell(state, fact)) Object.assign(state, UNKNOWN)
  if (fact.state === "arrived" || fact.state === "removed") state.lastArrivalMs = Math.max(state.lastArrivalMs, atMs)
  else state.lastOutcomeMs = Math.max(state.lastOutcomeMs, atMs)
  state.lastTakenInMs = Math.max(state.lastTakenInMs, fact.arrivedAtMs)
  if (fact.trigger !== FOR_MOVIE) return state
  if (fact.state === "made") state.anewMs = Math.max(state.anewMs, atMs)
  state.asked = hearAsked(state.asked, fact.arrivedAtMs)
  return state
}

const statedIn = ({ statements, rules }: SequencerState, fact: SequenceStated, atMs: number): Statements =>
  hearStatement(statements, fact, {
    told: { atMs: fact.recordedAtMs, id: idOf(fact.factId) },
    ...{ atMs, rule: rules.frames },
  })

const NEVER = Number.NEGATIVE_INFINITY

const settledAt = ({ revision, asOfMs, report }: SequenceSettled) => ({
  revision,
  digest: reportDigestOf(report),
  told: { atMs: asOfMs, id: idOf(revision) },
})

type Waiting = Pick<SequencerPolicy, "quietMs" | "isLast">

/** From when on it is complete: null while a frame is unfinished, or there is nothing to settle. */
function dueMsOf(state: SequencerState, { quietMs, isLast = false }: Waiting): number | null {
  const { frames, statements, settled } = state
  const { made, failed, unfinished } = frames.counts
  if (unfinished > 0 || (made + failed === 0 && settled === null)) return null
  // The log keeps what became of frames for longer than their arrivals.
  const lastMs = state.lastArrivalMs === NEVER ? state.lastOutcomeMs : state.lastArrivalMs
  const dueMs = isComplete(state) ? Math.max(lastMs, statements.lastMs) : lastMs + quietMs
  const patience = isLast ? 0 : patienceMs(state.asked)
  return patience > 0 && revisionNow(state) === settled?.revision ? dueMs + patience : dueMs
}

/** A word that it is complete is about what came before; of stated frames all must be there, whenever that was said. */
const isComplete = ({ frames, statements, lastTakenInMs }: SequencerState): boolean =>
  (statements.frames !== null && absentOf(frames, statements.frames).length === 0) ||
  isSaidComplete(statements, lastTakenInMs)

const absentOf = (frames: FramesKnown, stated: Float64Array): Float64Array =>
  framesWithout(stated, framesAt(frames, finishedRows(frames)))

/**
 * Another movie, or the same one with something else to report: a second file of a frame, say; or the same frames once more,
 * because it waited for them to be made again, or has another sound.
 */
function isNews(state: SequencerState): boolean {
  if (revisionNow(state) !== state.settled?.revision || state.anewMs > state.settled.told.atMs) return true
  state.digest ??= reportDigestOf(reportNow(state))
  return state.digest !== state.settled.digest
}

function revisionNow(state: SequencerState): string {
  state.revision ??= revisionOf(partsOf(state))
  return state.revision
}

function partsOf(state: SequencerState): Iterable<string | BigUint64Array> {
  const { sequence, frames } = state
  const made = shownRows(frames, "made")
  return revisionParts({
    sequenceId: sequence?.sequenceId ?? "",
    frames: framesAt(frames, made),
    pictureOf: (_, at) => pictureAt(frames, made[at] ?? 0),
    failed: rangesText(framesAt(frames, shownRows(frames, "failed"))),
    stated: rangesStated(state),
    gaps: state.rules.gaps,
  })
}

const rangesStated = ({ statements: { frames } }: SequencerState): string => (frames === null ? "" : rangesText(frames))

/** Runs that each list of a report holds: with as many lists as there can be, some 200 KB. */
const MOST_RUNS = 50

const reportNow = ({ frames, details, statements, rules }: SequencerState): IntegrityReport =>
  reportOf(details, finishedRows(frames), {
    ...{ stated: statements.frames, firstFrame: rules.firstFrame, defaultRate: rules.rate, mostRuns: MOST_RUNS },
  })

function settlement(state: SequencerState): readonly SequenceSettled[] {
  const { sequence, frames, settled } = state
  if (sequence === null) return []
  const made = shownRows(frames, "made")
  return [
    {
      ...{ kind: "settled", sequence, gaps: state.rules.gaps },
      revision: revisionNow(state),
      made: rangesText(framesAt(frames, made)),
      failed: rangesText(framesAt(frames, shownRows(frames, "failed"))),
      missing: cappedRanges(missingOf(state)),
      stated: rangesStated(state),
      asOfMs: Math.max(lastChangeMs(state), (settled?.told.atMs ?? NEVER) + 1),
      ...widthsOf(frames, made),
      report: reportNow(state),
    },
  ]
}

const lastChangeMs = ({ lastArrivalMs, lastOutcomeMs, anewMs, statements }: SequencerState): number =>
  Math.max(lastArrivalMs, lastOutcomeMs, anewMs, statements.lastMs)

/** As ranges, without counting through them: numbers of two kinds are far apart. */
const missingOf = ({ frames, statements }: SequencerState): string =>
  statements.frames === null
    ? holesText(framesAt(frames, finishedRows(frames)))
    : rangesText(absentOf(frames, statements.frames))
