// Ids, each derived from what it is about, and drafts of facts, which get their ids here.

import { createHash, hash } from "node:crypto"
import { parse, v5 as uuid5 } from "uuid"
import { type Fact, type FactOf, type RecordByTopic, recordName } from "./fact.ts"
import type { ElementFailed, IntegrityReport, MovieMade, ProxyMade, ReviewMade, Source } from "./records.generated.ts"

const hex = (algorithm: "md5" | "sha256", text: string): string => hash(algorithm, text, "hex")

/** As bytes, since uuid parses text anew for each id. */
const URL_NAMESPACE = parse(uuid5.URL)

/** All derived ids are UUIDs v5 in the URL namespace, so that one name gives one id everywhere and for ever. */
const idOf = (name: string): string => uuid5(Buffer.from(name, "utf8"), URL_NAMESPACE)

/** First 16 hex digits of md5(key): the default asset id. The bucket is not part of it. */
export const assetIdOf = (key: string): string => hex("md5", key).slice(0, 16)

/** First 16 hex digits of sha256(key + mtime + md5hex(key)): exr-inspector's file_id. `mtime` is {@link mtimeText}'s. */
export const fileIdOf = (key: string, mtime: string): string =>
  hex("sha256", key + mtime + hex("md5", key)).slice(0, 16)

/** Key of the row in proxy_outputs: UUID v5 of s3://bucket/key#file_id. */
export const proxyIdOf = (bucket: string, key: string, fileId: string): string =>
  idOf(`s3://${bucket}/${key}#${fileId}`)

/** What a sequence is named by: neither the frame nor the width of its number. */
export type SequenceOf = {
  readonly bucket: string
  /** With its slash; empty at the top of a bucket. */
  readonly folder: string
  readonly head: string
  readonly tail: string
}

/** Id of a sequence of frames. As JSON, since head and tail may hold any sign. */
export const sequenceIdOf = ({ bucket, folder, head, tail }: SequenceOf): string =>
  idOf(`sequence/${JSON.stringify([bucket, folder, head, tail])}`)

/** Names a picture of a sequence in 128 bits, as two numbers: the version of its source, and what was made of it how. */
export function framePictureOf(sourceVersion: string, renderKey: string): readonly [bigint, bigint] {
  const digest = hash("sha256", JSON.stringify([sourceVersion, renderKey]), "buffer")
  return [digest.readBigUInt64BE(0), digest.readBigUInt64BE(8)]
}

/** Revision of a sequence: a hash of all that decides its movie, part by part, 32 hex digits. */
export function revisionOf(parts: Iterable<string | BigUint64Array>): string {
  const revision = createHash("sha256")
  for (const part of parts) revision.update(part)
  return revision.digest("hex").slice(0, 32)
}

/** What an arrival is derived from. */
export type Arrival =
  | { readonly cloudEvent: { readonly source: string; readonly id: string; readonly recordIndex: number } }
  | {
      readonly record: {
        readonly topic: string
        readonly partition: number
        readonly offset: number
        /** Of the record, epoch milliseconds. */
        readonly timestampMs: number
        /** Of what the message says. */
        readonly sha256: string
        readonly recordIndex: number
      }
    }
  | {
      readonly request: {
        readonly sha256: string
        /** Of the object when it was asked for; null where the body itself says which version or moment it tells of. */
        readonly sourceVersion: string | null
        readonly recordIndex: number
      }
    }
  | {
      readonly listing: {
        readonly bucket: string
        readonly key: string
        readonly sourceVersion: string
        readonly renderKey: string
      }
    }
  | { readonly again: { readonly elementId: string; readonly attempt: number } }
  /** A movie of this revision waits for its frame to be made again. */
  | {
      readonly movie: {
        readonly sequenceId: string
        readonly revision: string
        readonly asOfMs: number
        readonly key: string
      }
    }
  /** The object of this arrival was not listed any more. */
  | { readonly missing: { readonly elementId: string } }

/**
 * Id of one arrival. A listing's id also names the renderKey that is wanted: changed settings make a new arrival of the
 * same version, while listing twice makes one.
 */
export function elementIdOf(arrival: Arrival): string {
  if ("cloudEvent" in arrival) {
    const { source, id, recordIndex } = arrival.cloudEvent
    return idOf(`element/ce/${source}#${id}#${recordIndex}`)
  }
  if ("record" in arrival) {
    const { topic, partition, offset, timestampMs, sha256, recordIndex } = arrival.record
    return idOf(`element/record/${topic}/${partition}/${offset}#${timestampMs}#${sha256}#${recordIndex}`)
  }
  if ("request" in arrival) {
    const { sha256, sourceVersion, recordIndex } = arrival.request
    return idOf(`element/request/${sha256}#${recordIndex}${sourceVersion === null ? "" : `#${sourceVersion}`}`)
  }
  if ("listing" in arrival) {
    const { bucket, key, sourceVersion, renderKey } = arrival.listing
    return idOf(`element/listing/s3://${bucket}/${key}#${sourceVersion}#${renderKey}`)
  }
  if ("movie" in arrival) {
    const { sequenceId, revision, asOfMs, key } = arrival.movie
    return idOf(`element/movie/${sequenceId}#${revision}#${asOfMs}#${key}`)
  }
  if ("missing" in arrival) return idOf(`element/missing/${arrival.missing.elementId}`)
  return idOf(`element/again/${arrival.again.elementId}#${arrival.again.attempt}`)
}

/** Id of a fact: the element, the version and renderKey where they apply, and the record's name. */
export const factIdOf = (topic: keyof RecordByTopic, ...parts: readonly string[]): string =>
  idOf(`fact/${recordName(topic)}/${parts.join("#")}`)

/**
 * Outputs that carry this key are current: one hash of source version, effective settings, OCIO config and recipe
 * number, 32 hex digits. `settings` must be plain data; its key order does not matter.
 */
export const renderKeyOf = (
  source: { readonly bucket: string; readonly key: string; readonly sourceVersion: string },
  settings: unknown,
  engine: { readonly recipe: number; readonly configHash: string },
): string =>
  hex(
    "sha256",
    canonical([source.bucket, source.key, source.sourceVersion, settings, engine.recipe, engine.configHash]),
  ).slice(0, 32)

/** The renderKey that outputs of this version must carry. A colour space that the object itself states is a setting, too. */
export const wantedRenderKey = (
  source: { readonly bucket: string; readonly key: string; readonly sourceVersion: string },
  { settings, statedSpace }: { readonly settings: object; readonly statedSpace: string | null },
  engine: { readonly recipe: number; readonly configHash: string },
): string => renderKeyOf(source, { ...settings, ...(statedSpace === null ? {} : { statedSpace }) }, engine)

/**
 * Names one picture by all that decides it, and by nothing else: not by name, place or time. What the header reader made of
 * the bytes is part of it, so that a file name which decides the colour space decides here, too. 32 hex digits.
 */
export const pictureKeyOf = (
  contentHash: string,
  reading: { readonly selection: object; readonly colorspace: object },
  { settings, recipe }: { readonly settings: object; readonly recipe: number },
): string =>
  hex("sha256", canonical([contentHash, reading.selection, reading.colorspace, settings, recipe])).slice(0, 32)

/** Tells two reports apart, wherever they come from; that there is none, too. */
export const reportDigestOf = (report: IntegrityReport | null): string =>
  report === null ? "" : hex("sha256", canonical(report)).slice(0, 32)

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null"
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(",")}}`
}

/** Id of the completion event of a success: one per object state and job, so that redelivery repeats it. */
export const completedIdOf = ({ element, source }: Pick<ProxyMade, "element" | "source">): string =>
  idOf(`s3://${element.bucket}/${element.key}#${source.fileId}#${element.jobId ?? ""}#completed`)

/** Id of the completion event of a failure: names the trigger, so that a fresh attempt is not taken for a repeat. */
export const failedIdOf = ({ element, source }: { element: ElementFailed["element"]; source: Source | null }): string =>
  idOf(
    `s3://${element.bucket}/${element.key}#${source?.fileId ?? ""}#${element.jobId ?? ""}#failed#${element.triggerId}`,
  )

/** Id of the event that tells of a sequence's movie: one per revision, so that redelivery repeats it. */
export const generatedIdOf = ({ sequence, revision }: Pick<MovieMade, "sequence" | "revision">): string =>
  idOf(`sequence/${sequence.sequenceId}#${revision}#generated`)

/** Id of the event that tells of its review copy as well: another copy of the same movie, of other settings, has another. */
export const reviewedIdOf = ({ sequence, revision, generatedAtUs }: Omit<ReviewMade, Stamp>): string =>
  idOf(`sequence/${sequence.sequenceId}#${revision}#reviewed@${generatedAtUs}`)

type Stamp = "factId" | "causationId" | "recordedAtMs"

export type DraftOf<T extends keyof RecordByTopic> = {
  readonly topic: T
  /** Names what it is about: with the topic it decides the id, so that a repeat has the same. */
  readonly about: readonly string[]
  readonly value: Omit<RecordByTopic[T], Stamp>
  /** Epoch milliseconds; absent where it is recorded as soon as it is stamped. */
  readonly recordedAtMs?: number
  /** Absent where whoever stamps it knows the fact or the message before it. */
  readonly causationId?: string
}

/** A fact that has yet to get its id, its cause and its time. */
export type Draft = { readonly [T in keyof RecordByTopic]: DraftOf<T> }[keyof RecordByTopic]

/** What a draft that does not state them itself is given. */
type Since = { readonly causationId: string; readonly nowMs: number }

/** The fact of a draft: nowhere else are factId, causationId and recordedAtMs given. */
export const stamped = <T extends keyof RecordByTopic>(
  { topic, about, value, recordedAtMs, causationId }: DraftOf<T>,
  since: Since,
): FactOf<T> =>
  ({
    topic,
    value: {
      ...value,
      factId: factIdOf(topic, ...about),
      causationId: causationId ?? since.causationId,
      recordedAtMs: recordedAtMs ?? since.nowMs,
    },
  }) as FactOf<T>

/** Facts of which each is caused by the one before it, and the id of the last. */
export function stampedInTurn(
  drafts: readonly Draft[],
  since: Since,
): { readonly facts: readonly Fact[]; readonly causationId: string } {
  let { causationId } = since
  const facts = drafts.map((draft) => {
    const fact = stamped(draft, { ...since, causationId }) as Fact
    causationId = fact.value.factId
    return fact
  })
  return { facts, causationId }
}
