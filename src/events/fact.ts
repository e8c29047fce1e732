import { folderOf, stemOf } from "../element/key.ts"
import type {
  ColorspaceDetected,
  Element,
  ElementCreated,
  ElementFailed,
  ElementRemoved,
  FailureDismissed,
  HintReported,
  MovieMade,
  ProxyMade,
  RemovalReported,
  ReviewMade,
  Sequence,
  SequenceFrame,
  SequenceSettled,
  SequenceStated,
  SourceFetched,
  SourceInspected,
  ThumbnailMade,
} from "./records.generated.ts"
import { isTime } from "./time.ts"

export type RecordByTopic = {
  "element-created": ElementCreated
  /** The same fact where it can wait: what a listing found, so that it never delays what arrives now. */
  "element-created-backfill": ElementCreated
  "source-fetched": SourceFetched
  "colorspace-detected": ColorspaceDetected
  "thumbnail-made": ThumbnailMade
  "proxy-made": ProxyMade
  "source-inspected": SourceInspected
  "element-failed": ElementFailed
  "removal-reported": RemovalReported
  "element-removed": ElementRemoved
  "failure-dismissed": FailureDismissed
  "hint-reported": HintReported
} & SequenceRecordByTopic

/** Facts about a sequence, all others are about an element. */
export type SequenceRecordByTopic = {
  "sequence-frame": SequenceFrame
  "sequence-stated": SequenceStated
  "sequence-settled": SequenceSettled
  "movie-made": MovieMade
  "review-made": ReviewMade
}

/** A typed fact and the topic it belongs to. Narrow by `topic`. */
export type Fact = {
  readonly [T in keyof RecordByTopic]: { readonly topic: T; readonly value: RecordByTopic[T] }
}[keyof RecordByTopic]

export type FactOf<T extends keyof RecordByTopic> = {
  readonly [K in T]: { readonly topic: K; readonly value: RecordByTopic[K] }
}[T]

/** A fact about a sequence. */
export type SequenceFact = FactOf<keyof SequenceRecordByTopic>

/** A fact about an element. */
export type ElementFact = Exclude<Fact, SequenceFact>

export const isOfElement = (fact: Fact): fact is ElementFact => "element" in fact.value

/** What a fact is about: an object in a bucket, and the trace in which it was told of. */
export type Subject = Pick<Element, "bucket" | "key" | "traceparent" | "tracestate">

const ofElement = ({ element }: { readonly element: Element }): Subject => element

/** A sequence is called by what its frames' names share. */
export const sequenceKeyOf = ({ folder, head, tail }: Pick<Sequence, "folder" | "head" | "tail">): string =>
  folder + head + tail

const ofSequence = ({ sequence }: { readonly sequence: Sequence }): Subject => ({
  bucket: sequence.bucket,
  key: sequenceKeyOf(sequence),
  traceparent: null,
  tracestate: null,
})

/** Every fact says itself what it is about. */
const SUBJECTS: { readonly [T in keyof RecordByTopic]: (value: RecordByTopic[T]) => Subject } = {
  "element-created": ofElement,
  "element-created-backfill": ofElement,
  "source-fetched": ofElement,
  "colorspace-detected": ofElement,
  "thumbnail-made": ofElement,
  "proxy-made": ofElement,
  "source-inspected": ofElement,
  "element-failed": ofElement,
  "removal-reported": ofElement,
  "element-removed": ofElement,
  "failure-dismissed": ofElement,
  "hint-reported": ofElement,
  "sequence-frame": ({ sequence, key, traceparent, tracestate }) => ({
    bucket: sequence.bucket,
    key,
    traceparent,
    tracestate,
  }),
  "sequence-stated": ofSequence,
  "sequence-settled": ofSequence,
  "movie-made": ofSequence,
  "review-made": ofSequence,
}

export const subjectOf = ({ topic, value }: Fact): Subject =>
  (SUBJECTS[topic] as (value: RecordByTopic[keyof RecordByTopic]) => Subject)(value)

/**
 * Partition key of a source's facts: `bucket/directory/stem`, so that everything that could touch one output name is in one
 * order. Two siblings that share a stem (a.exr, a.dpx) share it on purpose.
 */
export const partitionKey = ({ bucket, key }: Pick<Subject, "bucket" | "key">): string =>
  `${bucket}/${folderOf(key)}${stemOf(key)}`

/** Facts of one key are in one order: in the log, and in every group that works on them. */
export const keyOf = (fact: Fact): string =>
  isOfElement(fact)
    ? partitionKey(subjectOf(fact))
    : `${fact.value.sequence.bucket}/${sequenceKeyOf(fact.value.sequence)}`

/** Message headers of a fact after the CloudEvents Kafka binding; all text. */
export function cloudEventHeaders(fact: Fact): Record<string, string> {
  const { factId, recordedAtMs } = fact.value
  const { traceparent, tracestate } = subjectOf(fact)
  return {
    ce_specversion: "1.0",
    ce_id: factId,
    ce_type: `oiio.proxy.${recordName(fact.topic)}`,
    ce_source: "oiio-proxy-generator",
    // CloudEvents lets an event have no time; another producer's fact may state one that no date can tell.
    ...(isTime(recordedAtMs) ? { ce_time: new Date(recordedAtMs).toISOString() } : {}),
    "content-type": "application/avro",
    ...(traceparent === null ? {} : { ce_traceparent: traceparent }),
    ...(tracestate === null ? {} : { ce_tracestate: tracestate }),
  }
}

/** Schema of a topic: its own name, but one record may have a second topic for what can wait. */
export const schemaNameOf = (topic: keyof RecordByTopic): Exclude<keyof RecordByTopic, "element-created-backfill"> =>
  topic === "element-created-backfill" ? "element-created" : topic

const recordNames = new Map<keyof RecordByTopic, string>()

/** Record name of a topic: thumbnail-made is ThumbnailMade. Every fact's id is made of it. */
export function recordName(topic: keyof RecordByTopic): string {
  const known = recordNames.get(topic)
  if (known !== undefined) return known
  const name = schemaNameOf(topic).replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase())
  recordNames.set(topic, name)
  return name
}

/** Whether a fact says that an element arrived, on either of the two topics for it. */
export const isArrival = (fact: Fact): fact is FactOf<"element-created"> | FactOf<"element-created-backfill"> =>
  schemaNameOf(fact.topic) === "element-created"
