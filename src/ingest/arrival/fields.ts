/** What single fields of a message say: JSON values, spellings of keys, kinds of events, ids and traces. */

import type { Dialect } from "../../element/source.ts"
import { isCount } from "../../events/time.ts"
import type { Announced } from "./message.ts"

/** An own field of a parsed JSON value; undefined where the value has no such field. */
export const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined

/** A field of a field, along the given names. */
export const fieldAt = (value: unknown, ...names: readonly string[]): unknown => names.reduce(fieldOf, value)

/** Text that is not empty; null for anything else. */
export const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null)

/** Text, or a number or truth value as text. */
export const scalarText = (value: unknown): string | null =>
  typeof value === "number" || typeof value === "boolean" ? String(value) : textOf(value)

/** The value behind bytes, or what is wrong with them as the end of "the message ...". */
export function parseJson(bytes: Uint8Array): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown }
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: "is not JSON" }
    if (error instanceof TypeError) return { problem: "is not UTF-8" }
    throw error
  }
}

const NUL = "\u0000"

/** Text that every part of the system can carry: log, tables, JSON, object stores. */
export const isCarriable = (text: string, mostBytes: number): boolean =>
  text.isWellFormed() && !text.includes(NUL) && Buffer.byteLength(text) <= mostBytes

/** A key as it is meant, and as it would read if it is spelled the other way. */
export type SpelledKey = { readonly key: string; readonly keyAlternative: string | null }

/** Undoes form encoding (`+` for a space, %XX); a malformed % means that the text is raw. */
function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "))
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}

const exactly = (key: string): SpelledKey => ({ key, keyAlternative: null })

/** VAST's spelling in Records is undocumented and consumers in the wild differ, so the raw text is kept to be tried. */
const either = (key: string, raw: string): SpelledKey => ({ key, keyAlternative: key === raw ? null : raw })

const RECORD_KEY: Record<Dialect, (raw: string) => SpelledKey> = {
  vast: (raw) => either(formDecoded(raw), raw),
  aws: (raw) => exactly(formDecoded(raw)),
  minio: (raw) => exactly(formDecoded(raw)),
  versitygw: exactly,
}

/** The key behind `Records[].s3.object.key`. */
export const recordKey = (raw: string, dialect: Dialect): SpelledKey => RECORD_KEY[dialect](raw)

/** The key of an `elementpath` or a flat event: raw; from a header of HTTP the percent signs may be the transport's. */
export const plainKey = (raw: string, isEncoded: boolean): SpelledKey =>
  isEncoded ? either(percentDecoded(raw), raw) : exactly(raw)

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}

/** What an event did to its object, as far as that matters here. */
export type Change = "creation" | "removal"

/** The names of S3 for what makes an object. MinIO calls tagging ObjectCreated:PutTagging, and tags are no arrival. */
const CREATIONS = ["Put", "Post", "Copy", "CompleteMultipartUpload"]

/** Deleting by hand, by a delete marker, in bulk (versitygw: DeleteObjects), of all versions (MinIO), and by a lifecycle. */
const REMOVALS = ["Delete", "DeleteMarkerCreated", "DeleteObjects", "DeleteAllVersions"]

/** What an S3 event name without its `s3:` says; null for whatever changes no object: tags, and MinIO's NoOP. */
export function changeOf(trigger: string): Change | null {
  const [family, how = "", ...rest] = trigger.split(":")
  if (rest.length > 0) return null
  if (family === "ObjectCreated") return CREATIONS.includes(how) ? "creation" : null
  const isRemoval = family === "ObjectRemoved" || family === "LifecycleExpiration"
  return isRemoval && REMOVALS.includes(how) ? "removal" : null
}

/**
 * What the type of a CloudEvent says. VAST's names drift: clusters send ElementCreated, tools and documents write
 * ObjectCreated; so it is for removals. `other`: an event of another kind; `unknown`: somebody else's type.
 */
export function changeOfType(type: string): Change | "other" | "unknown" {
  if (/(^|[.:])(Element\.ElementCreated|ObjectCreated(:\w+)?)$/.test(type)) return "creation"
  if (/(^|[.:])(Element\.ElementDeleted|Object(Removed|Deleted)(:\w+)?)$/.test(type)) return "removal"
  return /(^|:)(Element|Schedule|Function)(\.|$)/.test(type) ? "other" : "unknown"
}

/** Attributes and data of an event, wherever an id may stand. */
type EventFields = { readonly attributes: ReadonlyMap<string, string>; readonly data: unknown }

type Ids = Pick<Announced, "assetId" | "jobId" | "projectId" | "shotId" | "traceparent" | "tracestate">

/** Where an id may stand: in the data, or as an extension, which cannot have an underscore by the letter of CloudEvents. */
const PASSED_ON = { assetId: "asset_id", jobId: "job_id", projectId: "project_id", shotId: "shot_id" } as const

/** W3C trace context, version 00 and whatever keeps its form. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/

/** The ids that a message passes through, or what is wrong with one: changed, it would join with nothing. */
export function messageIds(envelope: EventFields, mostBytes: number): Ids | { readonly problem: string } {
  const found = Object.values(PASSED_ON).map((name) => [name, idIn(envelope, name)] as const)
  const bad = found.find(([, id]) => id !== null && !isCarriable(id, mostBytes))
  if (bad !== undefined)
    return { problem: `The message's ${bad[0]} is no id: too long, or with characters that none has.` }
  const ids = new Map(found)
  return {
    assetId: ids.get(PASSED_ON.assetId) ?? null,
    jobId: ids.get(PASSED_ON.jobId) ?? null,
    projectId: ids.get(PASSED_ON.projectId) ?? null,
    shotId: ids.get(PASSED_ON.shotId) ?? null,
    ...traceOf(envelope.attributes, mostBytes),
  }
}

const idIn = ({ attributes, data }: EventFields, name: string): string | null =>
  attributes.get(name) || attributes.get(name.replace("_", "")) || scalarText(fieldOf(data, name))

/** A trace that is not in order is left out, as W3C says. */
function traceOf(attributes: EventFields["attributes"], mostBytes: number): Pick<Ids, "traceparent" | "tracestate"> {
  const traceparent = attributes.get("traceparent") ?? ""
  if (!TRACEPARENT.test(traceparent) || !isCarriable(traceparent, mostBytes))
    return { traceparent: null, tracestate: null }
  const tracestate = attributes.get("tracestate") ?? ""
  return { traceparent, tracestate: tracestate !== "" && isCarriable(tracestate, mostBytes) ? tracestate : null }
}

/** What the message says besides; HEAD decides. versitygw says 0 where it does not know the size, and quotes its ETags. */
export function hintsOf(
  object: unknown,
  dialect: Dialect,
  mostBytes: number,
): Pick<Announced, "etag" | "sizeBytes" | "versionId" | "sequencer"> {
  const hint = (name: string): string | null => {
    const text = scalarText(fieldOf(object, name))
    return text !== null && isCarriable(text, mostBytes) ? text : null
  }
  const size = fieldOf(object, "size")
  return {
    etag: (hint("eTag") ?? hint("etag"))?.replace(/^"(.*)"$/, "$1") ?? null,
    sizeBytes: isCount(size) && !(dialect === "versitygw" && size === 0) ? size : null,
    versionId: hint("versionId"),
    sequencer: hint("sequencer"),
  }
}
