import { type Fact, type FactOf, isOfElement } from "../fact.ts"
import { pictureOfFrame } from "../frame-picture.ts"
import { sequenceIdOf } from "../identity.ts"
import type {
  Element,
  IntegrityReport,
  MovieMade,
  MovieOutput,
  ReviewMade,
  ReviewOutput,
  Sequence,
  SequenceFrame,
  SequenceSettled,
} from "../records.generated.ts"
import { EPOCH_MS, proxyMade } from "./facts.ts"

/** The element of a fact about one; a test that hands over a fact about a sequence is wrong. */
export function elementOf(fact: Fact): Element {
  if (!isOfElement(fact)) throw new Error(`${fact.topic} is about no element.`)
  return fact.value.element
}

export const sequence = (with_: Partial<Omit<Sequence, "sequenceId">> = {}): Sequence => {
  const named = { bucket: "show", folder: "renders/shot_010/", head: "beauty.", tail: ".exr", ...with_ }
  return { sequenceId: sequenceIdOf(named), ...named }
}

export const sequenceFrame = (frame = 1001, with_: Partial<SequenceFrame> = {}): FactOf<"sequence-frame"> => ({
  topic: "sequence-frame",
  value: {
    factId: `sequence-frame/${frame}`,
    causationId: `proxy-made/${frame}`,
    recordedAtMs: EPOCH_MS + 9_412,
    sequence: sequence(),
    frame,
    padding: 4,
    state: "made",
    elementId: `element of ${frame}`,
    key: `renders/shot_010/beauty.${String(frame).padStart(4, "0")}.exr`,
    arrivedAtMs: EPOCH_MS,
    trigger: "ObjectCreated:Put",
    logicalTimeMs: EPOCH_MS,
    version: null,
    picture: pictureOfFrame(proxyMade().value),
    failureCode: null,
    jobId: null,
    projectId: null,
    shotId: null,
    traceparent: null,
    tracestate: null,
    ...with_,
  },
})

const NONE = { count: 0, ranges: "", more: 0 }

/** Of a clean sequence of frames 1001 to 1040. */
export const integrityReport = (with_: Partial<IntegrityReport> = {}): IntegrityReport => ({
  ...{ isSound: true, range: { first: 1001, last: 1040 }, made: { count: 40, ranges: "1001-1040", more: 0 } },
  ...{ missing: NONE, failed: [], duplicates: NONE, outside: NONE, firstFrame: null, drift: [] },
  ...{ rate: { num: 24_000, den: 1_001 }, timecodes: { first: "00:00:41:17", jumps: NONE, told: [], without: NONE } },
  ...{ black: NONE, nearlyBlack: NONE, frozen: NONE, alike: NONE, nonFinite: { frames: NONE, samples: 0 } },
  unhashed: NONE,
  ...with_,
})

const SETTLED = {
  causationId: sequence().sequenceId,
  recordedAtMs: EPOCH_MS + 60_000,
  sequence: sequence(),
  revision: "0123456789abcdef0123456789abcdef",
  made: "1001-1040",
  failed: "",
  missing: "",
  stated: "",
  gaps: "hold",
  asOfMs: EPOCH_MS + 60_000,
  report: integrityReport(),
}

export const sequenceSettled = (with_: Partial<SequenceSettled> = {}): FactOf<"sequence-settled"> => ({
  topic: "sequence-settled",
  value: { ...SETTLED, factId: "sequence-settled", padding: 4, otherWidths: [], ...with_ },
})

const MOVIE: MovieOutput = {
  key: "renders/shot_010/.proxies/beauty_movie.mp4",
  bucket: null,
  sizeBytes: 1_234_567,
  width: 1920,
  height: 1080,
  frameRate: { num: 24_000, den: 1_001 },
  timecode: "00:00:41:17",
  frames: 40,
  held: "",
  manifestKey: "renders/shot_010/.proxies/beauty_sequence.json",
  beside: [
    {
      name: "poster",
      key: "renders/shot_010/.proxies/beauty_poster.jpg",
      sizeBytes: 234_567,
      contentType: "image/jpeg",
    },
    {
      name: "sprites",
      key: "renders/shot_010/.proxies/beauty_sprites.jpg",
      sizeBytes: 345_678,
      contentType: "image/jpeg",
    },
    {
      name: "sprites_vtt",
      key: "renders/shot_010/.proxies/beauty_sprites.vtt",
      sizeBytes: 4_567,
      contentType: "text/vtt",
    },
  ],
  warnings: [],
  sound: null,
}

export const movieMade = (with_: Partial<MovieMade> = {}): FactOf<"movie-made"> => ({
  topic: "movie-made",
  value: {
    ...SETTLED,
    factId: "movie-made",
    movie: MOVIE,
    failure: null,
    reused: false,
    generatedAtUs: (EPOCH_MS + 61_000) * 1_000,
    processingTimeSeconds: 0.5,
    generatorVersion: "3.0.0",
    ...with_,
  },
})

/** A copy of {@link movieMade}, one frame longer. */
export const reviewMade = (with_: Partial<ReviewMade> = {}): FactOf<"review-made"> => {
  const { sequence, revision, asOfMs, ...made } = movieMade().value
  return {
    topic: "review-made",
    value: {
      ...{ factId: "review-made", causationId: made.factId, recordedAtMs: EPOCH_MS + 62_000 },
      ...{ sequence, revision, asOfMs, review: REVIEW, failure: null, reused: false },
      ...{ generatedAtUs: (EPOCH_MS + 62_000) * 1_000, processingTimeSeconds: 0.5, generatorVersion: "3.0.0" },
      made: { sequence, revision, asOfMs, ...made },
      ...with_,
    },
  }
}

const REVIEW: ReviewOutput = {
  ...{ key: "renders/shot_010/.proxies/beauty_review.mp4", bucket: null, sizeBytes: 345_678 },
  ...{ width: 1920, height: 1080, frameRate: { num: 24_000, den: 1001 }, timecode: "00:00:41:16", frames: 41 },
  ...{ segmentsEncoded: 3, segmentsKept: 0 },
}
