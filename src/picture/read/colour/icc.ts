import type { OfNumber } from "../../pixels/curve.ts"
import { attempt, type Cursor, firstBytes, openCursor, refuse } from "../header/bytes.ts"
import { bradford, IDENTITY, inverse, type Matrix, multiply, REC709, rgbToXyz, type Xy } from "./matrix.ts"

/** What of an ICC profile decides how its picture is shown. */
export type IccProfile = {
  readonly description: string
  /** What the samples are: RGB, GRAY, CMYK, Lab, ... */
  readonly model: string
  /** Where the profile has tone curves (and primaries, if it is of RGB); null where it has not, or where they are absurd. */
  readonly light: IccLight | null
  /** Profiles of printers and scanners also hold tables, which say more than primaries and curves do. */
  readonly hasTables: boolean
}

/** How code values become linear Rec.709: each channel by its curve, then by a matrix. */
export type IccLight = { readonly curves: readonly [OfNumber, OfNumber, OfNumber]; readonly matrix: Matrix }

const MAX_TAGS = 128
/** The white of every profile's connection space, CIE illuminant D50 (ICC.1:2022, 7.2.16). */
const D50_XYZ = [0.9642, 1, 0.8249] as const
const D50: Xy = [D50_XYZ[0] / (D50_XYZ[0] + 1 + D50_XYZ[2]), 1 / (D50_XYZ[0] + 1 + D50_XYZ[2])]

/** Reads an ICC profile (ICC.1), null where it is malformed or cut short. */
export function readIcc(bytes: Uint8Array): IccProfile | null {
  const read = attempt(() => profile(openCursor(firstBytes(bytes, bytes.length), false)))
  return read.kind === "read" ? read.value : null
}

type Find = (signature: string) => number | null

function profile(cursor: Cursor): IccProfile | null {
  cursor.seek(16)
  const [model, connection] = [ascii(cursor.bytes(4)).trim(), ascii(cursor.bytes(4))]
  cursor.seek(36)
  if (ascii(cursor.bytes(4)) !== "acsp") return null
  const find = tagTable(cursor)
  const description = find("desc")
  return {
    description: description === null ? "" : descriptionText(cursor, description),
    model: clean(model),
    light: model === "GRAY" ? greyLight(cursor, find, connection) : rgbLight(cursor, find),
    hasTables: find("A2B0") !== null,
  }
}

function tagTable(cursor: Cursor): Find {
  cursor.seek(128)
  const count = Math.min(cursor.u32(), MAX_TAGS)
  const tags = Array.from({ length: count }, () => {
    const tag = { signature: ascii(cursor.bytes(4)), offset: cursor.u32() }
    cursor.u32()
    return tag
  })
  return (signature) => tags.find((tag) => tag.signature === signature)?.offset ?? null
}

const ascii = (bytes: Uint8Array): string => String.fromCharCode(...bytes)

function rgbLight(cursor: Cursor, find: Find): IccLight | null {
  const [red, green, blue] = ["rTRC", "gTRC", "bTRC"].map(find)
  const colorants = ["rXYZ", "gXYZ", "bXYZ"].map(find)
  if (red == null || green == null || blue == null || colorants.includes(null)) return null
  const columns = colorants.map((offset) => colorant(cursor, offset ?? 0))
  const matrix = toRec709([0, 1, 2].flatMap((row) => columns.map((xyz) => xyz[row] ?? 0)) as unknown as Matrix)
  const curves = [readToneCurve(cursor, red), readToneCurve(cursor, green), readToneCurve(cursor, blue)] as const
  return matrix !== null && curves.every(rises) ? { curves, matrix } : null
}

function greyLight(cursor: Cursor, find: Find, connection: string): IccLight | null {
  const offset = find("kTRC")
  if (offset === null) return null
  const curve = readToneCurve(cursor, offset)
  const light: OfNumber = connection === "Lab " ? (code) => lightOfLightness(curve(code)) : curve
  return rises(light) ? { curves: [light, light, light], matrix: IDENTITY } : null
}

/** CIE L* as a part of 1. */
const lightOfLightness = (lightness: number): number =>
  lightness > 0.08 ? ((lightness + 0.16) / 1.16) ** 3 : (lightness * 100) / (24_389 / 27)

function colorant(cursor: Cursor, offset: number): readonly number[] {
  cursor.seek(offset + 8)
  return [cursor.i32() / 65_536, cursor.i32() / 65_536, cursor.i32() / 65_536]
}

/** From the light of colorants under D50, as profiles hold them. Null where they span no colours, or have an absurd white. */
function toRec709(toXyz: Matrix): Matrix | null {
  const whiteLight = toXyz[3] + toXyz[4] + toXyz[5]
  const [ours, adapted] = [rgbToXyz(REC709), bradford(REC709.white, D50)]
  const back = ours === null || adapted === null ? null : inverse(multiply(adapted, ours))
  if (back === null || inverse(toXyz) === null || whiteLight < 0.5 || whiteLight > 2) return null
  return multiply(back, toXyz)
}

const UTF16 = new TextDecoder("utf-16be")

/** First text of a `desc` tag: ASCII in version 2, UTF-16 in version 4. */
function descriptionText(cursor: Cursor, offset: number): string {
  const read = attempt(() => {
    cursor.seek(offset)
    const type = ascii(cursor.bytes(4))
    cursor.u32()
    if (type === "desc") return clean(ascii(cursor.bytes(Math.min(cursor.u32(), 128))))
    if (type !== "mluc") return ""
    cursor.seek(offset + 20)
    const [lengthBytes, start] = [cursor.u32(), cursor.u32()]
    cursor.seek(offset + start)
    return clean(UTF16.decode(cursor.bytes(Math.min(lengthBytes, 256))))
  })
  return read.kind === "read" ? read.value : ""
}

const clean = (text: string): string => text.replace(/[\p{C}\p{Z}]+/gu, " ").trim()

/**
 * The tone curve at an offset of an ICC profile, from code value to light, both 0 to 1: a `curv` (identity, gamma or table)
 * or a `para` (ICC.1:2022, 10.6 and 10.18). Ends the reading where it is neither or cut short.
 */
function readToneCurve(cursor: Cursor, offset: number): OfNumber {
  cursor.seek(offset)
  const type = String.fromCharCode(...cursor.bytes(4))
  cursor.u32()
  if (type === "curv") return bounded(sampled(cursor))
  if (type === "para") return bounded(parametric(cursor))
  return refuse("picture/damaged", "The ICC profile's tone curve is of no kind that is known.")
}

/** Whether the curve says anything: light that grows from black to white. */
const rises = (curve: OfNumber): boolean => curve(1) - curve(0) > 0.1

/** A power of a negative number is none: black, as everything below it. */
const bounded =
  (curve: OfNumber): OfNumber =>
  (code) => {
    const light = curve(code)
    return light > 0 ? Math.min(1, light) : 0
  }

function sampled(cursor: Cursor): OfNumber {
  const entries = cursor.u32()
  if (entries === 0) return (code) => code
  if (entries === 1) {
    const gamma = cursor.u16() / 256
    return (code) => code ** gamma
  }
  const bytes = cursor.bytes(entries * 2)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const at = (index: number): number => view.getUint16(index * 2) / 65_535
  return (code) => {
    const place = Math.min(1, Math.max(0, code)) * (entries - 1)
    const low = Math.min(entries - 2, Math.floor(place))
    return at(low) + (at(low + 1) - at(low)) * (place - low)
  }
}

/** Numbers that each kind of parametric curve has. */
const PARAMETERS = [1, 3, 4, 5, 7]

/** The five kinds are one: a power above a break, a straight line below it. */
function parametric(cursor: Cursor): OfNumber {
  const kind = cursor.u16()
  cursor.u16()
  const count =
    PARAMETERS[kind] ?? refuse("picture/damaged", "The ICC profile's tone curve is of no kind that is known.")
  const [g = 1, a = 1, b = 0, ...rest] = Array.from({ length: count }, () => cursor.i32() / 65_536)
  if (kind <= 2) {
    const offset = rest[0] ?? 0
    const start = kind === 0 ? 0 : -b / a
    return (code) => (code >= start ? (a * code + b) ** g + offset : offset)
  }
  const [slope = 0, start = 0, above = 0, below = 0] = rest
  return (code) => (code >= start ? (a * code + b) ** g + above : slope * code + below)
}
