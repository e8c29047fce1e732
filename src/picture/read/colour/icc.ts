import type { OfNumber } from "../../pixels/curve.ts"
import { attempt, type Cursor, firstBytes, openCursor } from "../header/bytes.ts"
import { readToneCurve, rises } from "./icc-curve.ts"
import { bradford, inverse, type Matrix, multiply, REC709, rgbToXyz, type Xy } from "./matrix.ts"

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
const IDENTITY: Matrix = [1, 0, 0, 0, 1, 0, 0, 0, 1]

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
