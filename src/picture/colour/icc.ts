import { attempt, type Cursor, firstBytes, openCursor } from "../header/bytes.ts"

/** What of an ICC profile decides how it is shown. */
export type IccProfile = {
  readonly description: string
  /** Whether its primaries and curve are those of sRGB, near enough not to see. */
  readonly isSrgb: boolean
  /** The curve is the identity: the samples are linear light. */
  readonly isLinear: boolean
}

/** Colorants of sRGB under D50 as profiles hold them (IEC 61966-2-1, Bradford-adapted). */
const SRGB_COLORANTS = [
  [0.436, 0.2225, 0.0139],
  [0.3851, 0.7169, 0.0971],
  [0.1431, 0.0606, 0.7141],
] as const
const MAX_TAGS = 128

/** Reads an ICC profile (ICC.1), null where it is malformed or cut short. */
export function readIcc(bytes: Uint8Array): IccProfile | null {
  const read = attempt(() => profile(openCursor(firstBytes(bytes, bytes.length), false)))
  return read.kind === "read" ? read.value : null
}

type Tag = { readonly signature: string; readonly offset: number }

function profile(cursor: Cursor): IccProfile {
  cursor.seek(16)
  const model = ascii(cursor.bytes(4))
  cursor.seek(128)
  const count = Math.min(cursor.u32(), MAX_TAGS)
  const tags: readonly Tag[] = Array.from({ length: count }, () => {
    const tag = { signature: ascii(cursor.bytes(4)), offset: cursor.u32() }
    cursor.u32()
    return tag
  })
  const find = (signature: string): number | null => tags.find((tag) => tag.signature === signature)?.offset ?? null
  const curve = find("rTRC") ?? find("kTRC")
  const gamma = curve === null ? null : curveGamma(cursor, curve)
  const colorants = ["rXYZ", "gXYZ", "bXYZ"].map((signature) => colorant(cursor, find(signature)))
  const hasSrgbPrimaries =
    model === "GRAY" || colorants.every((xyz, index) => nearColorant(xyz, SRGB_COLORANTS[index] ?? []))
  const description = find("desc")
  return {
    description: description === null ? "without a description" : descriptionText(cursor, description),
    isSrgb: hasSrgbPrimaries && (gamma === null || Math.abs(gamma - 2.2) < 0.1),
    isLinear: gamma === 1,
  }
}

const ascii = (bytes: Uint8Array): string => String.fromCharCode(...bytes)

function colorant(cursor: Cursor, offset: number | null): readonly number[] {
  if (offset === null) return []
  cursor.seek(offset + 8)
  return [cursor.i32() / 65536, cursor.i32() / 65536, cursor.i32() / 65536]
}

const nearColorant = (xyz: readonly number[], expected: readonly number[]): boolean =>
  xyz.length === 3 && xyz.every((value, index) => Math.abs(value - (expected[index] ?? Number.NaN)) < 0.003)

/** The exponent of a pure power curve; null for a sampled or parametric one, as sRGB's is. */
function curveGamma(cursor: Cursor, offset: number): number | null {
  cursor.seek(offset)
  const type = ascii(cursor.bytes(4))
  cursor.u32()
  if (type === "curv") {
    const entries = cursor.u32()
    if (entries === 0) return 1
    return entries === 1 ? cursor.u16() / 256 : null
  }
  return type === "para" && cursor.u16() === 0 && cursor.u16() === 0 ? cursor.i32() / 65536 : null
}

const UTF16 = new TextDecoder("utf-16be")

/** First text of a `desc` tag: ASCII in version 2, UTF-16 in version 4. */
function descriptionText(cursor: Cursor, offset: number): string {
  cursor.seek(offset)
  const type = ascii(cursor.bytes(4))
  cursor.u32()
  if (type === "desc") return clean(ascii(cursor.bytes(Math.min(cursor.u32(), 128))))
  if (type !== "mluc") return "without a description"
  cursor.seek(offset + 20)
  const [lengthBytes, start] = [cursor.u32(), cursor.u32()]
  cursor.seek(offset + start)
  return clean(UTF16.decode(cursor.bytes(Math.min(lengthBytes, 256))))
}

const clean = (text: string): string => text.replace(/\p{C}/gu, "").trim()
