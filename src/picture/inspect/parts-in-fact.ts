import { createHash } from "node:crypto"
import type { Attribute, Channel, Part } from "../../events/records.generated.ts"
import { isLong } from "../../events/time.ts"
import { bytesOf, type FileBytes } from "../read/header/bytes.ts"
import type { HeaderAttribute, HeaderPart, HeaderValue } from "../read/header/model.ts"
import { smpteTimecode, timecodeText } from "../read/select/timing.ts"

/** What of a header went into a fact. */
type FittedParts = {
  readonly parts: readonly Part[]
  readonly attributesDropped: number
  readonly channelsDropped: number
  readonly partsDropped: number
}

/** How much JSON of a value is kept: all is told with the first that makes everything fit. */
const VALUE_BYTES = [16 * 1024, 2048, 256, 4]

/** A part without its attributes, and the header that has them. */
export type BarePart = { readonly part: Omit<Part, "attributes">; readonly header: HeaderPart }

/**
 * Parts as a fact of at most `mostBytes` can tell them: first long values are cut ever shorter, their length and hash
 * kept; where names alone are too many, attributes are left out, then channels, then parts, the last ones first.
 */
export function fitParts(file: FileBytes, bare: readonly BarePart[], mostBytes: number): FittedParts {
  const skeleton = keepWithin(bare, mostBytes, ({ part }) => partBytes(part))
  const channels = keepLists(
    skeleton.kept.map(({ part }) => part.channels),
    mostBytes - skeleton.bytes,
    channelBytes,
  )
  const room = mostBytes - skeleton.bytes - channels.bytes
  const told = tellAttributes(file, skeleton.kept, room)
  const attributes = keepLists(told, room, attributeBytes)
  return {
    parts: skeleton.kept.map(({ part }, index) => ({
      ...part,
      channels: channels.kept[index] ?? [],
      attributes: attributes.kept[index] ?? [],
    })),
    attributesDropped: attributes.dropped + lost(bare.slice(skeleton.kept.length), ({ header }) => header.attributes),
    channelsDropped: channels.dropped + lost(bare.slice(skeleton.kept.length), ({ part }) => part.channels),
    partsDropped: bare.length - skeleton.kept.length,
  }
}

const lost = <T>(items: readonly T[], listOf: (item: T) => readonly unknown[]): number =>
  items.reduce((sum, item) => sum + listOf(item).length, 0)

function tellAttributes(file: FileBytes, parts: readonly BarePart[], room: number): readonly (readonly Attribute[])[] {
  let told: readonly (readonly Attribute[])[] = []
  for (const valueBytes of VALUE_BYTES) {
    told = parts.map(({ header }) => header.attributes.map((one) => factAttribute(file, one, valueBytes)))
    const bytes = told.flat().reduce((sum, attribute) => sum + attributeBytes(attribute), 0)
    if (bytes <= room) return told
  }
  return told
}

type KeptItems<T> = { readonly kept: readonly T[]; readonly bytes: number; readonly dropped: number }

/** The items from the first on that fit together. */
function keepWithin<T>(items: readonly T[], mostBytes: number, bytesOf: (item: T) => number): KeptItems<T> {
  let bytes = 0
  const end = items.findIndex((item) => {
    const next = bytesOf(item)
    if (bytes + next > mostBytes) return true
    bytes += next
    return false
  })
  const kept = end < 0 ? items : items.slice(0, end)
  return { kept, bytes, dropped: items.length - kept.length }
}

/** The same over several lists, one after the other. */
function keepLists<T>(
  lists: readonly (readonly T[])[],
  mostBytes: number,
  bytesOf: (item: T) => number,
): KeptItems<readonly T[]> {
  let bytes = 0
  let dropped = 0
  const kept = lists.map((list) => {
    const one = keepWithin(list, dropped > 0 ? 0 : mostBytes - bytes, bytesOf)
    bytes += one.bytes
    dropped += one.dropped
    return one.kept
  })
  return { kept, bytes, dropped }
}

/** Most bytes that a part takes in a fact besides its lists: two windows, tiles and numbers at their longest. */
const partBytes = ({ name, view, kind, compression, lineOrder, colorSpace }: BarePart["part"]): number =>
  [name, view, kind, compression, lineOrder, colorSpace].reduce((sum, text) => sum + sizeOf(text ?? ""), 160)

const channelBytes = ({ name, pixelType }: Channel): number => sizeOf(name) + sizeOf(pixelType) + 24

/** Types of EXR, DPX and TIFF whose single values are whole numbers. */
const INTEGERS: ReadonlySet<string> = new Set([
  ...["int", "u8", "u16", "u32", "BYTE", "SHORT", "LONG", "LONG8", "SBYTE", "SSHORT", "SLONG", "SLONG8", "IFD", "IFD8"],
])

/** A header's attribute as the event tells it, its value at most `mostBytes` of JSON. */
function factAttribute(file: FileBytes, attribute: HeaderAttribute, mostBytes: number): Attribute {
  const { name, type, value, span } = attribute
  const { json, text, cut } = shortened(value, mostBytes)
  const truncated = cut || attribute.truncated
  const numbers = numbersOf(type, value)
  const spoken = text ?? readableText(type, value)
  return {
    name: withoutNul(name),
    type: withoutNul(type),
    valueJson: json,
    valueText: spoken === null ? null : withoutNul(spoken),
    ...numbers,
    sizeBytes: span.lengthBytes,
    truncated,
    sha256: truncated ? hashOf(file, span) : null,
  }
}

type Numbers = Pick<Attribute, "valueInt" | "valueFloat">

function numbersOf(type: string, value: HeaderValue): Numbers {
  if (typeof value === "number") {
    const isWhole = INTEGERS.has(type) && isLong(value)
    return { valueInt: isWhole ? value : null, valueFloat: finiteOrNull(value) }
  }
  const ratio = ratioOf(type, value)
  return { valueInt: null, valueFloat: ratio === null ? null : finiteOrNull(ratio.num / ratio.den) }
}

const finiteOrNull = (number: number): number | null => (Number.isFinite(number) ? number : null)

/** Rationals and timecodes as people write them: `24000/1001`, `01:02:03:04`. */
function readableText(type: string, value: HeaderValue): string | null {
  const ratio = ratioOf(type, value)
  if (ratio !== null) return `${ratio.num}/${ratio.den}`
  const word = type === "timecode" ? fieldsOf(value).timeAndFlags : null
  const timecode = typeof word === "number" ? smpteTimecode(word) : null
  return timecode === null ? null : timecodeText(timecode)
}

function ratioOf(type: string, value: HeaderValue): { readonly num: number; readonly den: number } | null {
  const { num, den } = type === "rational" ? fieldsOf(value) : {}
  return typeof num === "number" && typeof den === "number" ? { num, den } : null
}

const fieldsOf = (value: HeaderValue): { readonly [name: string]: HeaderValue } =>
  typeof value === "object" && !Array.isArray(value) ? (value as { readonly [name: string]: HeaderValue }) : {}

/** Of what was read; what lies apart and was too long to be read for its hash alone has none. */
function hashOf(file: FileBytes, span: HeaderAttribute["span"]): string | null {
  const bytes = bytesOf(file, span, span.lengthBytes)
  return bytes === null ? null : createHash("sha256").update(bytes).digest("hex")
}

/** Most bytes that an attribute takes in a fact: its texts, and its numbers at their longest. */
const attributeBytes = ({ name, type, valueJson, valueText, sha256 }: Attribute): number =>
  sizeOf(name) + sizeOf(type) + sizeOf(valueJson) + sizeOf(valueText ?? "") + (sha256?.length ?? 0) + 64

/** A value as JSON, and how much of it that is. */
type Shortened = {
  readonly json: string
  /** The text as far as it is kept, where the value is text. */
  readonly text: string | null
  readonly cut: boolean
}

const sizeOf = (text: string): number => Buffer.byteLength(text)

/** JSON has no NaN and no infinities: they stand there as text. */
const spelled = (_: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isFinite(value) ? String(value) : value

const jsonOf = (value: HeaderValue): string => JSON.stringify(value, spelled)

/**
 * A value as JSON of at most `mostBytes`: of a longer text or list the beginning, which is valid JSON again; of anything
 * else that is longer nothing, which is null.
 */
function shortened(value: HeaderValue, mostBytes: number): Shortened {
  const whole = jsonOf(value)
  if (sizeOf(whole) <= mostBytes) return { json: whole, text: typeof value === "string" ? value : null, cut: false }
  if (typeof value === "string") {
    const kept = beginning(value.length, mostBytes, (length) => jsonOf(cutText(value, length)))
    return kept === null ? NOTHING : { json: kept.json, text: cutText(value, kept.length), cut: true }
  }
  if (!Array.isArray(value)) return NOTHING
  const kept = beginning(value.length, mostBytes, (length) => jsonOf(value.slice(0, length)))
  return kept === null ? NOTHING : { json: kept.json, text: null, cut: true }
}

const NOTHING: Shortened = { json: "null", text: null, cut: true }

/** Never cuts a pair of surrogates in two, which would leave half a character. */
const cutText = (text: string, length: number): string => {
  const last = text.charCodeAt(length - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length)
}

type Beginning = { readonly json: string; readonly length: number }

/** About the longest beginning whose JSON fits, null where none but the empty one does. */
function beginning(length: number, mostBytes: number, jsonUpTo: (length: number) => string): Beginning | null {
  for (let kept = Math.min(length, mostBytes); kept > 0; ) {
    const json = jsonUpTo(kept)
    const bytes = sizeOf(json)
    if (bytes <= mostBytes) return { json, length: kept }
    kept = Math.min(kept - 1, Math.floor((kept * mostBytes) / bytes))
  }
  return null
}

/** Text for a column: databases that end a text at NUL would refuse it. */
export const withoutNul = (text: string): string => text.replaceAll("\0", "\uFFFD")
