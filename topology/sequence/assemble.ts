// From a settled sequence to its movie: the assembler's steps.

import { cappedRanges } from "../../src/element/frame-ranges.ts"
import { type Fact, keyOf, sequenceKeyOf } from "../../src/events/fact.ts"
import type { Draft } from "../../src/events/identity.ts"
import type { MovieOutput, SequenceSettled } from "../../src/events/records.generated.ts"
import { done, type Failure } from "../../src/events/result.ts"
import type { MovieMaker, PosterChoice } from "../../src/picture/index.ts"
import type { ObjectHead, ObjectRef } from "../../src/store/index.ts"
import type { GivenUp, Step } from "../flow/step.ts"
import { GROUPS } from "../groups.ts"
import type { FlowPorts, RendererPorts } from "../ports.ts"
import { type Asking, arrivalsOf } from "./ask-again.ts"
import {
  COMPANIONS,
  claimMovie,
  MANIFEST,
  MOVIE,
  type MovieClaims,
  type MovieMade,
  type MovieOutputName,
  madeFrom,
  movieOf,
  standingOf,
} from "./movie-outputs.ts"
import { findSound, type SoundPorts } from "./movie-sound.ts"
import { REVIEW_STEPS } from "./review.ts"
import { framesIn, heldIn, type Settlement } from "./revision.ts"

export type AssemblerPorts = FlowPorts &
  Pick<RendererPorts, "store" | "outputsFor" | "scratch" | "settingsFor" | "looksBeside" | "picture"> &
  SoundPorts & {
    readonly movies: MovieMaker
    /** Which frame stands for the sequence of a frame. */
    readonly posterFor: (ref: ObjectRef) => PosterChoice
  }

/** The step after which there is one movie more. */
export const STITCHING = "stitch-movie"

/** Steps of which no failure is one of a frame: telling sequences of frames, settling them, making their movies and copies. */
export const SEQUENCE_STEPS: ReadonlySet<string> = new Set([
  ...[GROUPS.regroup.name, GROUPS.hints.name, GROUPS.sequencer.name],
  ...["locate-movie", "find-pictures", STITCHING, "publish-movie"],
  ...REVIEW_STEPS,
])

/** Its movie is there, has to be made, or is not asked for any more. */
export type Located = Settlement &
  (
    | { readonly movie: "current"; readonly output: MovieOutput; readonly made: MovieMade; readonly reused: true }
    | { readonly movie: "outdated"; readonly claims: MovieClaims; readonly sound: ObjectHead | null }
    // A movie of earlier frames is left behind, or none.
    | { readonly movie: "none"; readonly leftBehind: boolean }
  )

export type Outdated = Extract<Located, { movie: "outdated" }>

/** Frames below which there is nothing to play. */
export const LEAST_FRAMES = 2

export const settlementOf = (fact: Fact, { clock }: FlowPorts): Settlement | null =>
  fact.topic === "sequence-settled" ? { settled: fact.value, begunMs: clock.nowMs() } : null

export const locateMovie: Step<Settlement, Located, AssemblerPorts> = {
  name: "locate-movie",
  says: "HEAD of the movie, what lies beside it, and its sound: what names this revision or a later one is left as it is",
  run: async (state, ports) => {
    const { settled } = state
    if (framesIn(settled.made).length < LEAST_FRAMES) {
      const left = await movieOf(ports, settled.sequence)
      if (!left.ok) return left
      const leftBehind = left.value !== null && standingOf(left.value, settled) === "earlier"
      return done({ state: { ...state, movie: "none", leftBehind } })
    }
    const claims = await claimMovie(ports, settled.sequence)
    if (!claims.ok) return claims
    const heads = Object.values(claims.value).flatMap(({ head }) => head ?? [])
    if (heads.some((head) => standingOf(head, settled) === "later"))
      return done({ state: { ...state, movie: "none", leftBehind: false } })
    const sound = await findSound(settled.sequence, ports)
    if (!sound.ok) return sound
    const current = currentIn(claims.value, settled)
    if (current === null || current.made.soundVersion !== versionOf(sound.value))
      return done({ state: { ...state, movie: "outdated", claims: claims.value, sound: sound.value } })
    const output = outputOf({ ...current.heads, sound: sound.value }, current.made, settled)
    return done({ state: { ...state, movie: "current", output, made: current.made, reused: true } })
  },
}

/** The outputs of this very revision; null where one of those that it was made with is missing. */
function currentIn(claims: MovieClaims, settled: SequenceSettled) {
  const current = (name: MovieOutputName): ObjectHead | null => {
    const { head } = claims[name]
    return head !== null && standingOf(head, settled) === "current" ? head : null
  }
  const [movie, manifest] = [current(MOVIE.name), current(MANIFEST.name)]
  const made = movie === null ? null : madeFrom(movie, heldOf(settled))
  if (movie === null || manifest === null || made === null) return null
  const companions = made.companions.flatMap((name) => current(name) ?? [])
  return companions.length === made.companions.length ? { made, heads: { movie, manifest, companions } } : null
}

export const versionOf = (sound: ObjectHead | null): string | null => sound?.sourceVersion ?? null

/** Frames in whose place another picture is shown, as ranges. */
export const heldOf = (settled: SequenceSettled): string =>
  ["hold", "black"].includes(settled.gaps) ? heldIn(settled) : ""

/** What stands under the names of a revision's outputs; of companions those that were made, in their order. */
export type StoredOutputs = {
  readonly movie: ObjectHead
  readonly manifest: ObjectHead
  readonly companions: readonly ObjectHead[]
  /** The file that its sound was made of. */
  readonly sound: ObjectHead | null
}

export function outputOf(
  { movie, manifest, companions, sound: file }: StoredOutputs,
  { generatedAtUs: _at, processingTimeSeconds: _took, companions: names, soundVersion: _, sound, ...made }: MovieMade,
  { sequence }: SequenceSettled,
): MovieOutput {
  const bucket = movie.bucket === sequence.bucket ? null : movie.bucket
  const beside = companions.map(({ key, sizeBytes }, at) => {
    const { name = "", contentType = "" } = COMPANIONS.find(({ name }) => name === names[at]) ?? {}
    return { name, key, sizeBytes, contentType }
  })
  const heard = sound === null || file === null ? null : { key: file.key, sourceVersion: file.sourceVersion, ...sound }
  const at = { key: movie.key, bucket, sizeBytes: movie.sizeBytes, manifestKey: manifest.key }
  return { ...made, ...at, held: cappedRanges(made.held), beside, sound: heard }
}

/** The movie is there; or nothing is to be said, because a later revision takes the place of this one. */
export type Assembled =
  | (Settlement & { readonly output: MovieOutput; readonly made: MovieMade; readonly reused: boolean })
  | (Settlement & { readonly movie: "none"; readonly leftBehind: boolean })
  | (Settlement & { readonly pictures: "changed" })
  | Asking

export const publishMovie: Step<Assembled, Assembled, AssemblerPorts> = {
  name: "publish-movie",
  says: "tells of the movie, or of frames that arrive again before it can be made, or that one is left behind without its frames; of a revision that another takes the place of it tells nothing",
  appends: ["movie-made", "element-created"],
  isClosing: true,
  run: async (state, ports) => {
    const { policy, store } = ports
    if ("asked" in state)
      return done({
        state,
        facts: [withoutMovie(state, state.asked.failure, ports), ...arrivalsOf(state, store.nowMs())],
      })
    if ("leftBehind" in state && state.leftBehind) return done({ state, facts: [withoutMovie(state, null, ports)] })
    if (!("output" in state)) return done({ state })
    const { settled, output, made, reused } = state
    const { generatedAtUs, processingTimeSeconds } = made
    const told = { movie: output, failure: null, reused, generatedAtUs, processingTimeSeconds }
    return done({ state, facts: [movieFact(settled, { ...told, generatorVersion: policy.generatorVersion })] })
  },
}

type Told = Pick<
  Extract<Draft, { topic: "movie-made" }>["value"],
  "movie" | "failure" | "reused" | "generatedAtUs" | "processingTimeSeconds" | "generatorVersion"
>

function movieFact(settled: SequenceSettled, told: Told): Draft {
  const { sequence, revision, made, failed, missing, stated, gaps, asOfMs, report } = settled
  return {
    topic: "movie-made",
    about: [sequence.sequenceId, revision, String(asOfMs)],
    recordedAtMs: Math.trunc(told.generatedAtUs / 1000),
    value: { sequence, revision, made, failed, missing, stated, gaps, asOfMs, report, ...told },
  }
}

const withoutMovie = (
  { settled, begunMs }: Settlement,
  failure: Failure | null,
  { store, clock, policy }: AssemblerPorts,
): Draft =>
  movieFact(settled, {
    ...{
      movie: null,
      failure: failure && { code: failure.code, kind: failure.kind, says: failure.says },
      reused: false,
    },
    generatedAtUs: store.nowMs() * 1000,
    processingTimeSeconds: (clock.nowMs() - begunMs) / 1000,
    generatorVersion: policy.generatorVersion,
  })

/** What the flow has to know of settlements, whatever its steps do. */
export const SETTLEMENTS = {
  keyOf,
  begin: settlementOf,
  subjectOf: ({ settled: { sequence } }: Settlement) => ({ bucket: sequence.bucket, key: sequenceKeyOf(sequence) }),
  remember: () => ({}),
  failsTo: "movie-made",
  failed: (state: Settlement, { failure }: GivenUp, ports: AssemblerPorts): Draft =>
    withoutMovie(state, failure, ports),
  withLess: <State extends Settlement>(state: State): State => ({
    ...state,
    settled: { ...state.settled, made: "", failed: "", missing: "", stated: "", report: null },
  }),
} as const
