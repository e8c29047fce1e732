import { createHash } from "node:crypto"
import type { Attribute } from "../../events/records.generated.ts"
import { isLong } from "../../events/whole-number.ts"
import { bytesOf, type FileBytes } from "../read/header/bytes.ts"
import type { HeaderAttribute, HeaderValue } from "../read/header/model.ts"
import { smpteTimecode, timecodeText } from "../read/select/timecode.ts"
import { shortened, sizeOf, withoutNul } from "./values.ts"

/** Types of EXR, DPX and TIFF whose single values are whole numbers. */
const INTEGERS: ReadonlySet<string> = new Set([
  ...["int", "u8", "u16", "u32", "BYTE", "SHORT", "LONG", "LONG8", "SBYTE", "SSHORT", "SLONG", "SLONG8", "IFD", "IFD8"],
])

/** A header's attribute as the event tells it, its value at most `mostBytes` of JSON. */
export function toldAttribute(file: FileBytes, attribute: HeaderAttribute, mostBytes: number): Attribute {
  const { name, type, value, span } = attribute
  const { json, text, cut } = shortened(value, mostBytes)
  const truncated = cut || attribute.truncated
  const numbers = numbersOf(type, value)
  const spoken = text ?? spokenText(type, value)
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

/** What a person would write for values that the header packs into numbers. */
function spokenText(type: string, value: HeaderValue): string | null {
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
export const attributeBytes = ({ name, type, valueJson, valueText, sha256 }: Attribute): number =>
  sizeOf(name) + sizeOf(type) + sizeOf(valueJson) + sizeOf(valueText ?? "") + (sha256?.length ?? 0) + 64
