import { fieldOf, parseJson, scalarText, textOf } from "./json.ts"
import type { IntakeMessage } from "./message.ts"
import { isCloudEvent, type KeySpelling, type Leaf, peeled } from "./wrapping.ts"

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
