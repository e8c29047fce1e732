/** Takes the wrappings off a message: CloudEvents in every mode, batches, SNS, SQS and EventBridge. */

import { DEADLINE_CLOUD } from "./farm-events.ts"
import { fieldAt, fieldOf, parseJson, scalarText, textOf } from "./fields.ts"
import type { IntakeMessage } from "./message.ts"

/** A message without its wrapping: CloudEvents attributes, wherever they stood, and the data. */
export type Envelope = {
  /** Names in lower case, without prefix. Empty for a message that is no CloudEvent. */
  readonly attributes: ReadonlyMap<string, string>
  /** Whether `elementpath` came in a header that may be percent-encoded. */
  readonly pathMayBeEncoded: boolean
  /** Parsed JSON; null when the message has no data. */
  readonly data: unknown
  /** What was inside wrappings that differ at each delivery (receipts, attempts); null for a message that had none. */
  readonly leaf: unknown
  readonly keys: KeySpelling
}

type Problem = { readonly problem: string }

const PREFIX = "ce_"

/** Trace context travels in headers of its own, too. */
const TRACE_HEADERS = ["traceparent", "tracestate"]

/**
 * Unwraps binary mode, structured mode, a structured event that binary mode carries, a batch of events, and what SNS, SQS
 * and EventBridge put around S3's own messages; or says what is wrong. One entry for each event inside.
 */
export function unwrap(message: IntakeMessage): readonly (Envelope | Problem)[] {
  const outer = attributesIn(message.headers)
  const isEmpty = message.body === null || message.body.length === 0
  if (isEmpty && !outer.has("specversion")) return [{ problem: "has no value" }]
  const parsed = isEmpty ? { value: null } : parseJson(message.body)
  if ("problem" in parsed) return [parsed]
  return peeled(parsed.value).map((one) => ("problem" in one ? one : opened(one, message, outer)))
}

function opened(leaf: Leaf, message: IntakeMessage, outer: Envelope["attributes"]): Envelope | Problem {
  const { value, isWrapped, keys } = leaf
  const kept = { leaf: isWrapped ? value : null, keys }
  if (!isCloudEvent(value) && leaf.attributes === null)
    return { ...kept, attributes: outer, pathMayBeEncoded: message.headersAreEncoded, data: value }
  const data = leaf.attributes === null ? dataIn(value) : { value }
  if ("problem" in data) return data
  const inner = leaf.attributes ?? attributesOf(value)
  return {
    ...kept,
    attributes: new Map([...outer, ...inner]),
    pathMayBeEncoded: message.headersAreEncoded && !inner.has("elementpath"),
    data: data.value,
  }
}

function attributesIn(headers: IntakeMessage["headers"]): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  for (const name of TRACE_HEADERS) {
    const value = headers[name]
    if (value !== undefined) attributes.set(name, value)
  }
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(PREFIX)) attributes.set(name.slice(PREFIX.length), value)
  }
  return attributes
}

function attributesOf(event: unknown): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  for (const [name, value] of Object.entries(Object(event))) {
    const text = name === "data" ? null : scalarText(value)
    if (text !== null) attributes.set(name.toLowerCase(), text)
  }
  return attributes
}

/** Data as it stands, as base64, or as JSON inside a text, which some senders make of it. */
function dataIn(event: unknown): { readonly value: unknown } | Problem {
  const packed = textOf(fieldOf(event, "data_base64"))
  if (packed !== null) return parseJson(Buffer.from(packed, "base64"))
  const data = fieldOf(event, "data")
  const text = textOf(data)
  return text === null ? { value: data ?? null } : parseJson(Buffer.from(text))
}

/**
 * How keys are spelled in records: as S3's own notifications have them, as EventBridge has them, or as declared for the
 * source.
 */
type KeySpelling = "form-encoded" | "raw" | "declared"

/** One event out of its wrappings. */
type Leaf = {
  readonly value: unknown
  /** Attributes that a wrapping states for the event (EventBridge); null where only the value itself could state them. */
  readonly attributes: ReadonlyMap<string, string> | null
  readonly isWrapped: boolean
  readonly keys: KeySpelling
}

/** SQS around SNS around a batch around EventBridge, and one more. */
const MOST_LAYERS = 5

const isCloudEvent = (value: unknown): boolean => fieldOf(value, "specversion") !== undefined

/**
 * What a message holds once its wrappings are off: a batch of CloudEvents (a JSON list), an SNS notification as HTTP or a
 * function brings it, the messages of an SQS queue as a function or a receiver sees them, and EventBridge's form of S3's
 * events. A wrapping inside a wrapping is taken off as well. Any other value comes back as it is.
 */
const peeled = (value: unknown): readonly (Leaf | Problem)[] =>
  peel({ value, attributes: null, isWrapped: false, keys: "declared" }, MOST_LAYERS)

function peel(leaf: Leaf, layers: number): readonly (Leaf | Problem)[] {
  const inside = insideOf(leaf)
  if (inside === null) return [leaf]
  if (layers === 0) return [{ problem: "is wrapped too often" }]
  return inside.flatMap((one) => ("problem" in one ? [one] : peel(one, layers - 1)))
}

/** What one wrapping holds; null for a value that is not a wrapping. */
function insideOf(leaf: Leaf): readonly (Leaf | Problem)[] | null {
  const { value, attributes } = leaf
  if (attributes !== null) return null
  if (Array.isArray(value))
    return value.length === 0
      ? [{ problem: "is an empty list" }]
      : value.map((event) => ({ ...leaf, value: event, isWrapped: true }))
  const type = textOf(fieldOf(value, "Type"))
  if (type !== null && fieldOf(value, "TopicArn") !== undefined) return [ofSns(type, fieldOf(value, "Message"))]
  if (typeof fieldOf(value, "detail-type") === "string" && typeof fieldOf(value, "detail") === "object")
    return [ofEventBridge(value)]
  const messages = fieldOf(value, "Records") ?? fieldOf(value, "Messages")
  if (!Array.isArray(messages) || messages.length === 0 || !messages.every(isQueued)) return null
  return messages.map((message) => textOfAmazon(bodyOf(message)))
}

/** A message of SQS, or a notification of SNS, as a function is given it. */
const isQueued = (message: unknown): boolean => fieldOf(message, "s3") === undefined && bodyOf(message) !== undefined

const bodyOf = (message: unknown): unknown =>
  fieldOf(message, "body") ?? fieldOf(message, "Body") ?? fieldAt(message, "Sns", "Message")

function ofSns(type: string, message: unknown): Leaf | Problem {
  if (type === "Notification") return textOfAmazon(message)
  return {
    problem:
      `is a ${type.slice(0, 40)} of SNS: confirm a subscription yourself, with \`aws sns confirm-subscription\` ` +
      "and the Token of the message; no address that a message names is ever opened here",
  }
}

/** SNS and SQS carry texts; S3's own messages are JSON in them. */
function textOfAmazon(text: unknown): Leaf | Problem {
  const parsed = typeof text === "string" ? parseJson(Buffer.from(text)) : { problem: "is no text" }
  if ("problem" in parsed) return { problem: `wraps a message that ${parsed.problem}` }
  return { value: parsed.value, attributes: null, isWrapped: true, keys: "form-encoded" }
}

/** EventBridge's names of what happened, and those of S3's own notifications. */
const TRIGGERS: Readonly<Record<string, string>> = {
  PutObject: "ObjectCreated:Put",
  "POST Object": "ObjectCreated:Post",
  CopyObject: "ObjectCreated:Copy",
  CompleteMultipartUpload: "ObjectCreated:CompleteMultipartUpload",
  "Object Created": "ObjectCreated:Put",
  DeleteObject: "ObjectRemoved:Delete",
  "Delete Marker Created": "ObjectRemoved:DeleteMarkerCreated",
  "Lifecycle Expiration": "LifecycleExpiration:Delete",
  "Object Deleted": "ObjectRemoved:Delete",
}

/**
 * As the record that S3 itself would have sent, but for the key: EventBridge does not encode it. An event of another kind
 * keeps its own name, which nobody takes for an arrival; one of Deadline Cloud stays as it is.
 */
function ofEventBridge(event: unknown): Leaf {
  const said = (name: string): string | null => textOf(fieldOf(event, name))
  const named = [["source", said("source")] as const, ["id", said("id")] as const, ["time", said("time")] as const]
  const attributes = new Map(named.flatMap(([name, text]) => (text === null ? [] : [[name, text] as const])))
  if (said("source") === DEADLINE_CLOUD) return { value: event, attributes, isWrapped: true, keys: "raw" }
  const detail = (name: string): string | null => textOf(fieldAt(event, "detail", name))
  const kind = said("detail-type") ?? ""
  const isDeleteMarker = detail("deletion-type") === "Delete Marker Created"
  const why = isDeleteMarker ? "Delete Marker Created" : (detail("reason") ?? kind)
  const isOfObject = kind === "Object Created" || kind === "Object Deleted"
  const object = fieldAt(event, "detail", "object")
  const record = {
    eventName: isOfObject ? (TRIGGERS[why] ?? TRIGGERS[kind]) : kind,
    eventTime: said("time"),
    s3: {
      bucket: fieldAt(event, "detail", "bucket"),
      object: { ...Object(object), eTag: fieldOf(object, "etag"), versionId: fieldOf(object, "version-id") },
    },
  }
  return { value: { Records: [record] }, attributes, isWrapped: true, keys: "raw" }
}
