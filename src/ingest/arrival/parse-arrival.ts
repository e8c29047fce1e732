import { hash } from "node:crypto"
import { splitBucketAndKey } from "../../element/key.ts"
import { type Dialect, isSource } from "../../element/source.ts"
import { elementIdOf } from "../../events/identity.ts"
import { hintKindOf } from "../../sequence/stated/index.ts"
import { type Envelope, unwrap } from "./envelope.ts"
import { type FarmEvent, farmEventOf } from "./farm-events.ts"
import {
  type Change,
  changeOf,
  changeOfType,
  fieldAt,
  fieldOf,
  hintsOf,
  isCarriable,
  messageIds,
  plainKey,
  recordKey,
  type SpelledKey,
  textOf,
} from "./fields.ts"
import {
  type Announced,
  type IntakeMessage,
  type IntakeSource,
  type Parsed,
  skip,
  type Undated,
  unreadable,
} from "./message.ts"

import { unwanted, unwantedHint } from "./unwanted.ts"

/** More than any store takes: S3 has 1024, POSIX 4096. */
const MOST_KEY_BYTES = 4096
const MOST_BUCKET_BYTES = 255
/** Hints and ids. Longer hints are left out, longer ids make a message unreadable. */
const MOST_TEXT_BYTES = 1024

type Context = { readonly message: IntakeMessage; readonly source: IntakeSource; readonly envelope: Envelope }

/** Where the object is, and what else one record says of it. */
type FoundObject = {
  readonly bucket: string
  readonly spelled: SpelledKey
  readonly trigger: string
  readonly change: Change
  /** When the sender says that it happened; text of any form. */
  readonly time: string | null
  /** The sender is the store itself, and so is the clock. */
  readonly isByStore: boolean
  readonly index: number
  /** `s3.object` of the record, or the flat event itself. */
  readonly object: unknown
  /** Who says something of sequences by the event itself: then the key is what theirs begin with. */
  readonly by?: string
}

/**
 * Every new object and every removed one that a message tells of, in any form of the contract: VAST's CloudEvents in
 * binary, structured and batch mode, bucket notifications of VAST, AWS, MinIO and versitygw, the same through SNS, SQS and
 * EventBridge, flat events alone or as data; and what farms completed. One entry per record. Never throws, whatever the bytes are.
 */
export const parseArrival = (message: IntakeMessage, source: IntakeSource): readonly Parsed[] =>
  unwrap(message).flatMap((envelope) =>
    "problem" in envelope
      ? [unreadable(`The message ${envelope.problem}.`)]
      : parseEvent({ message, source, envelope }),
  )

function parseEvent(context: Context): readonly Parsed[] {
  const { data, attributes } = context.envelope
  if (fieldOf(data, "Event") === "s3:TestEvent") return [skip("test-event")]
  const farm = farmEventOf(data)
  if (farm !== null) return ["problem" in farm ? unreadable(`The message ${farm.problem}.`) : ofFarm(context, farm)]
  const type = attributes.get("type")
  const kind = type === undefined ? "creation" : changeOfType(type)
  if (kind === "other") return [skip("not-a-creation")]
  const records = fieldOf(data, "Records")
  if (records !== undefined && !Array.isArray(records)) return [unreadable("Records is no list.")]
  const path = attributes.get("elementpath") ?? textOf(fieldOf(data, "elementpath"))
  if (Array.isArray(records) && records.length > 0) return records.map((_, index) => ofRecord(context, records, index))
  if (kind === "unknown") return [skip("not-a-creation")]
  if (path !== null) return [ofPath(context, path, kind)]
  return [Array.isArray(records) ? skip("no-records") : ofFlat(context, data, kind)]
}

function ofRecord(context: Context, records: readonly unknown[], index: number): Parsed {
  const record = records[index]
  const eventName = textOf(fieldOf(record, "eventName"))
  if (eventName === null) return unreadable(`Record ${index} has no eventName.`)
  const trigger = eventName.replace(/^s3:/, "")
  const change = changeOf(trigger)
  if (change === null) return skip("not-a-creation")
  const said = {
    trigger,
    change,
    index,
    object: fieldAt(record, "s3", "object"),
    time: textOf(fieldOf(record, "eventTime")),
    isByStore: true,
  }
  // An element event concerns one element, so its path can only mean a record that is alone.
  const path = records.length === 1 ? pathOf(context) : null
  if (path !== null) return announced(context, { ...path, ...said })
  const bucket = textOf(fieldAt(record, "s3", "bucket", "name"))
  const raw = textOf(fieldOf(said.object, "key"))
  if (bucket === null || raw === null) return unreadable(`Record ${index} names no bucket and key.`)
  const spelled = context.envelope.keys === "raw" ? plainKey(raw, false) : recordKey(raw, dialectOf(context))
  return announced(context, { bucket, spelled, ...said })
}

/** What came through Amazon's queues is Amazon's, whatever the source's other messages are. */
const dialectOf = ({ envelope, source }: Context): Dialect => (envelope.keys === "declared" ? source.dialect : "aws")

function pathOf({ envelope }: Context): Pick<FoundObject, "bucket" | "spelled"> | null {
  const header = envelope.attributes.get("elementpath")
  const path = header ?? textOf(fieldOf(envelope.data, "elementpath"))
  const ref = path === null ? null : splitBucketAndKey(path)
  if (ref === null) return null
  const isEncoded = header !== undefined && envelope.pathMayBeEncoded
  return { bucket: ref.bucket, spelled: plainKey(ref.key, isEncoded) }
}

function ofPath(context: Context, path: string, change: Change): Parsed {
  const found = pathOf(context)
  if (found === null) return unreadable(`The elementpath ${JSON.stringify(path.slice(0, 200))} is no bucket/key.`)
  return announced(context, { ...found, ...plainly(context, change), isByStore: true, object: context.envelope.data })
}

/** An event that has a type and no record. */
const plainly = ({ envelope }: Context, change: Change) => ({
  trigger: change === "removal" ? "ObjectRemoved" : "ObjectCreated",
  change,
  time: envelope.attributes.get("time") ?? null,
  index: 0,
})

function ofFlat(context: Context, data: unknown, change: Change): Parsed {
  const bucket = textOf(fieldOf(data, "s3_bucket"))
  const raw = textOf(fieldOf(data, "s3_key"))
  if (bucket === null || raw === null) return unreadable("The message names no object in any form that is known.")
  const said = { ...plainly(context, change), isByStore: false, object: data }
  return announced(context, { bucket, spelled: plainKey(raw, false), ...said })
}

/** A farm's own ids are no ids of ours: of its event only id and place are taken. */
function ofFarm({ message, source, envelope }: Context, { trigger, work, sent }: FarmEvent): Parsed {
  if (work === null) return skip("not-complete")
  const place = source.placeOfWork?.(work) ?? null
  if (place === null)
    return skip(
      "unmapped",
      `No rule of farmRules says where the frames of ${JSON.stringify(work).slice(0, 400)} are; its ${trigger} has no effect.`,
    )
  const attributes = new Map([...envelope.attributes, ...Object.entries(sent ?? {})])
  const said = { trigger, change: "creation", time: null, isByStore: false, index: 0, object: null } as const
  return announced(
    { message, source, envelope: { ...envelope, attributes, data: null } },
    { bucket: place.bucket, spelled: plainKey(place.prefix, false), ...said, by: work.by },
  )
}

function announced(context: Context, found: FoundObject): Parsed {
  const { bucket, spelled, trigger, index, object } = found
  if (!isCarriable(bucket, MOST_BUCKET_BYTES) || bucket.includes("/"))
    return unreadable(`Record ${index} has a bucket that cannot be one.`)
  if (!isCarriable(spelled.key, MOST_KEY_BYTES)) return unreadable(`Record ${index} has a key that cannot be one.`)
  const by = found.by ?? hintKindOf(spelled.key)
  const ref = { bucket, key: spelled.key }
  const reason = by === null ? unwanted(ref, context.source) : unwantedHint(ref, context.source)
  if (reason !== null) return skip(reason)
  const ids = messageIds(context.envelope, MOST_TEXT_BYTES)
  if ("problem" in ids) return unreadable(ids.problem)
  const timeMs = timeMsOf(found.time)
  const hints = hintsOf(object, dialectOf(context), MOST_TEXT_BYTES)
  const { undated, ...identity } = identityOf(
    context,
    index,
    timeMs !== null || hints.versionId !== null || hints.sequencer !== null,
  )
  const arrival: Announced = {
    ...identity,
    ...ids,
    ...hints,
    trigger,
    bucket,
    key: spelled.key,
    keyAlternative: alternativeOf(spelled, context.source),
    // A copy onto itself is how a new picture is asked for; bytes and ETag stay what they were.
    force: trigger === "ObjectCreated:Copy",
  }
  if (by !== null)
    return {
      kind: "hint",
      announced: { ...arrival, keyAlternative: null, force: false },
      by,
      gone: found.change === "removal",
    }
  return found.change === "removal"
    ? { kind: "removal", announced: arrival, eventTimeMs: timeMs }
    : { kind: "arrival", announced: arrival, storeTimeMs: found.isByStore ? timeMs : null, undated }
}

/** Null for what is no time. */
function timeMsOf(time: string | null): number | null {
  const ms = Date.parse(time ?? "")
  return Number.isSafeInteger(ms) && ms >= 0 ? ms : null
}

/** No output is ever reached through its other spelling. */
const alternativeOf = ({ keyAlternative }: SpelledKey, { endings }: IntakeSource): string | null =>
  keyAlternative !== null && isSource(keyAlternative, endings) && isCarriable(keyAlternative, MOST_KEY_BYTES)
    ? keyAlternative
    : null

type ArrivalIdentity = Pick<Announced, "elementId" | "triggerId"> & { readonly undated: Undated | null }

/**
 * Derived from the CloudEvent's own id. Else from what the message says, so that neither a topic that was made anew nor a
 * mirrored one repeats the ids of other messages, and from where and when it stood in its topic: a redelivery has all of
 * these, and so the same id. A request stands nowhere; the same body sent again is a redelivery where it tells when its
 * event happened (`isDated`), and may be about another version of the object where it does not.
 */
function identityOf({ envelope, message }: Context, recordIndex: number, isDated: boolean): ArrivalIdentity {
  const { attributes, leaf } = envelope
  const [source, id] = [attributes.get("source"), attributes.get("id")]
  if (source && id) {
    const elementId = elementIdOf({ cloudEvent: { source, id, recordIndex } })
    return { elementId, triggerId: isCarriable(id, MOST_TEXT_BYTES) ? id : elementId, undated: null }
  }
  const { at, timestampMs } = message
  const sha256 = leaf === null ? hashOf(message) : sha256Of(JSON.stringify(leaf))
  const isRequest = "request" in at
  const elementId = isRequest
    ? elementIdOf({ request: { sha256, sourceVersion: null, recordIndex } })
    : elementIdOf({ record: { ...at, timestampMs: timestampMs ?? 0, sha256, recordIndex } })
  return { elementId, triggerId: elementId, undated: isRequest && !isDated ? { sha256, recordIndex } : null }
}

const sha256Of = (text: string): string => hash("sha256", text, "hex")

/** Attributes in headers are part of what a message says; those of its way, as a trace, are not. */
function hashOf({ headers, body }: IntakeMessage): string {
  const said = Object.entries(headers).filter(([name]) => name.startsWith("ce_"))
  return sha256Of(JSON.stringify([said.sort(), Buffer.from(body ?? []).toString("base64")]))
}
