// From a movie to its review copy, where settings ask for one: the reviewer's steps.

import { type Fact, keyOf, sequenceKeyOf } from "../../src/events/fact.ts"
import { type Draft, revisionOf } from "../../src/events/identity.ts"
import type { MovieMade, MovieOutput, ReviewOutput, Sequence } from "../../src/events/records.generated.ts"
import { done, type Result } from "../../src/events/result.ts"
import type { ReviewMaker, ReviewTexts } from "../../src/picture/index.ts"
import type { ObjectHead, ObjectRef } from "../../src/store/index.ts"
import type { GivenUp, Step } from "../flow/step.ts"
import type { FlowPorts, RendererPorts } from "../ports.ts"
import { MOVIE, madeFrom } from "./movie-outputs.ts"

/** What the review copy of a sequence is to be. */
export type ReviewWish = {
  /** Frames that are left out at either end. */
  readonly handles: number
  /** Which folder of a key names the shot, 1 for the first, -1 for the last; null where the files' names do. */
  readonly shotFolder: number | null
  readonly texts: ReviewTexts
  readonly crf: number
  readonly preset: string
}

export type ReviewerPorts = FlowPorts &
  Pick<RendererPorts, "store" | "scratch"> & {
    readonly reviews: ReviewMaker
    /** Null where a sequence is to have none. */
    readonly reviewFor: (sequence: Sequence) => ReviewWish | null
  }

/** A movie on its way to a review copy. */
export type Reviewed = {
  readonly made: MovieMade & { readonly movie: MovieOutput }
  readonly wish: ReviewWish
  readonly begunMs: number
  /** The movie's fact does not fit into one about its copy. */
  readonly isTooLong?: true
}

export const reviewedOf = (fact: Fact, { clock, reviewFor }: ReviewerPorts): Reviewed | null => {
  if (fact.topic !== "movie-made" || fact.value.movie === null) return null
  const wish = reviewFor(fact.value.sequence)
  return wish && { made: { ...fact.value, movie: fact.value.movie }, wish, begunMs: clock.nowMs() }
}

/** Steps of which no failure is one of the movie. */
export const REVIEW_STEPS: ReadonlySet<string> = new Set(["locate-review", "make-review", "publish-review"])

const REVIEW = { suffix: "_review.mp4" }

/** Who has the name of a movie has that of its review copy. */
export const reviewKeyOf = ({ key }: Pick<MovieOutput, "key">): string =>
  key.slice(0, key.length - MOVIE.suffix.length) + REVIEW.suffix

/** What a review copy says of itself besides its place and its size. */
export type ReviewFacts = Omit<ReviewOutput, "key" | "bucket" | "sizeBytes"> & {
  readonly generatedAtUs: number
  readonly processingTimeSeconds: number
}

/** The copy is there, has to be made, or nobody asks for it any more. */
export type ReviewLocated = Reviewed &
  (
    | { readonly review: "current"; readonly output: ReviewOutput; readonly facts: ReviewFacts; readonly reused: true }
    | { readonly review: "outdated"; readonly place: ReviewPlace }
    | { readonly review: "none" }
  )

export type ReviewPlace = {
  readonly ref: ObjectRef
  /** What is there under its name. */
  readonly head: ObjectHead | null
  /** The movie, as it is there. */
  readonly movie: ObjectHead
}

export const locateReview: Step<Reviewed, ReviewLocated, ReviewerPorts> = {
  name: "locate-review",
  says: "HEAD of the movie and of its review copy: a movie that moved on has its own, a copy of this one is left as it is",
  run: async (state, { store }) => {
    const { made } = state
    const bucket = made.movie.bucket ?? made.sequence.bucket
    const movie = await headOf(store, { bucket, key: made.movie.key })
    if (!movie.ok) return movie
    if (movie.value === null || !isMadeThen(movie.value, made)) return done({ state: { ...state, review: "none" } })
    const ref = { bucket, key: reviewKeyOf(made.movie) }
    const there = await headOf(store, ref)
    if (!there.ok) return there
    const facts = there.value === null ? null : factsIn(there.value, state)
    if (there.value === null || facts === null)
      return done({ state: { ...state, review: "outdated", place: { ref, head: there.value, movie: movie.value } } })
    const output = reviewOutput(state, facts, { ref, sizeBytes: there.value.sizeBytes })
    return done({ state: { ...state, review: "current", output, facts, reused: true } })
  },
}

/** The movie of that revision, with the sound that it had then: what was made anew since is told of by a later fact. */
function isMadeThen(head: ObjectHead, { revision, movie }: Reviewed["made"]): boolean {
  const said = madeFrom(head, movie.held)
  const heard = said === null || said.sound === null ? null : said.soundVersion
  return head.metadata.revision === revision && heard === (movie.sound?.sourceVersion ?? null)
}

async function headOf(store: ReviewerPorts["store"], ref: ObjectRef): Promise<Result<ObjectHead | null>> {
  const head = await store.head(ref)
  return head.ok || head.failure.code !== "store/missing" ? head : done(null)
}

/** Names all that decides a copy besides the movie. */
const wishKey = ({ wish, made: { movie } }: Reviewed): string =>
  revisionOf([JSON.stringify(wish), ...(movie.sound === null ? [] : [movie.sound.sourceVersion])])

export const reviewMetadata = (state: Reviewed, facts: ReviewFacts): Readonly<Record<string, string>> => ({
  "sequence-id": state.made.sequence.sequenceId,
  revision: state.made.revision,
  wish: wishKey(state),
  made: JSON.stringify(facts),
})

/** What the copy of this very movie says of itself; null where it is another's. Metadata is anybody's to write. */
function factsIn({ metadata }: ObjectHead, state: Reviewed): ReviewFacts | null {
  if (metadata.revision !== state.made.revision || metadata.wish !== wishKey(state)) return null
  try {
    const said = JSON.parse(metadata.made ?? "") as ReviewFacts | null
    const numbers = [said?.width, said?.height, said?.frames, said?.segmentsEncoded, said?.segmentsKept]
    const areWhole = [...numbers, said?.frameRate?.num, said?.frameRate?.den, said?.generatedAtUs].every(
      Number.isSafeInteger,
    )
    return areWhole && typeof said?.timecode === "string" && Number.isFinite(said.processingTimeSeconds) ? said : null
  } catch {
    return null
  }
}

export function reviewOutput(
  { made }: Reviewed,
  { generatedAtUs: _at, processingTimeSeconds: _took, ...of }: ReviewFacts,
  { ref, sizeBytes }: { readonly ref: ObjectRef; readonly sizeBytes: number },
): ReviewOutput {
  return { ...of, key: ref.key, bucket: ref.bucket === made.sequence.bucket ? null : ref.bucket, sizeBytes }
}

/** The copy is there; or nothing is to be said, because a later movie takes the place of this one. */
export type ReviewEnd = Reviewed &
  (
    | { readonly output: ReviewOutput; readonly facts: ReviewFacts; readonly reused: boolean }
    | { readonly review: "none" }
  )

export const publishReview: Step<ReviewEnd, ReviewEnd, ReviewerPorts> = {
  name: "publish-review",
  says: "tells of the review copy; of one that no movie asks for any more tells nothing",
  appends: ["review-made"],
  isClosing: true,
  run: async (state, { policy }) => {
    if (!("output" in state)) return done({ state })
    const { made, output, facts, reused } = state
    const { generatedAtUs, processingTimeSeconds } = facts
    const told = { review: output, failure: null, reused, generatedAtUs, processingTimeSeconds }
    return done({ state, facts: [reviewFact(made, { ...told, made, generatorVersion: policy.generatorVersion })] })
  },
}

type ReviewDraft = Extract<Draft, { topic: "review-made" }>

function reviewFact(
  { sequence, revision, asOfMs }: MovieMade,
  told: Omit<ReviewDraft["value"], "sequence" | "revision" | "asOfMs">,
): ReviewDraft {
  return {
    topic: "review-made",
    about: [sequence.sequenceId, revision, String(asOfMs)],
    recordedAtMs: Math.trunc(told.generatedAtUs / 1000),
    value: { sequence, revision, asOfMs, ...told },
  }
}

/** What the flow has to know of movies whose review copies are made, whatever its steps do. */
export const REVIEWS = {
  keyOf,
  begin: reviewedOf,
  subjectOf: ({ made: { sequence } }: Reviewed) => ({ bucket: sequence.bucket, key: sequenceKeyOf(sequence) }),
  remember: () => ({}),
  failsTo: "review-made",
  failed: (
    { made, begunMs, isTooLong }: Reviewed,
    { failure: { code, kind, says } }: GivenUp,
    { store, clock, policy }: ReviewerPorts,
  ): Draft =>
    reviewFact(made, {
      ...{ review: null, failure: { code, kind, says }, reused: false },
      generatedAtUs: store.nowMs() * 1000,
      processingTimeSeconds: (clock.nowMs() - begunMs) / 1000,
      generatorVersion: policy.generatorVersion,
      made: isTooLong === true ? null : made,
    }),
  withLess: <State extends Reviewed>(state: State): State => ({ ...state, isTooLong: true }),
} as const
