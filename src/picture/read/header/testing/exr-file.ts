import type { Box } from "../../../../events/records.generated.ts"

/** Attribute name, type, and the bytes of its value. */
export type MadeAttribute = readonly [name: string, type: string, bytes: Uint8Array]

export type MadeChannel = {
  readonly name: string
  /** 0 uint, 1 half, 2 float. */
  readonly pixelType?: number
  readonly sampling?: number
}

export type MadePart = {
  readonly channels: readonly (MadeChannel | string)[]
  readonly dataWindow?: Box
  readonly displayWindow?: Box
  readonly compression?: number
  readonly pixelAspect?: number
  /** Added to the required attributes; one of the same name replaces it. */
  readonly attributes?: readonly MadeAttribute[]
  /** Names of required attributes to leave out. */
  readonly without?: readonly string[]
}

export type MadeExr = { readonly flags?: number; readonly parts: readonly MadePart[]; readonly tailBytes?: number }

const NUL = Uint8Array.of(0)
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

const packed = (lengthBytes: number, write: (view: DataView) => void): Uint8Array => {
  const bytes = new Uint8Array(lengthBytes)
  write(new DataView(bytes.buffer))
  return bytes
}

/** Little-endian values for the attributes of tests. */
export const ints = (...values: readonly number[]): Uint8Array =>
  packed(values.length * 4, (view) => {
    values.forEach((value, index) => {
      view.setInt32(index * 4, value, true)
    })
  })
export const floats = (...values: readonly number[]): Uint8Array =>
  packed(values.length * 4, (view) => {
    values.forEach((value, index) => {
      view.setFloat32(index * 4, value, true)
    })
  })
export const doubles = (...values: readonly number[]): Uint8Array =>
  packed(values.length * 8, (view) => {
    values.forEach((value, index) => {
      view.setFloat64(index * 8, value, true)
    })
  })
export const texts = (...values: readonly string[]): Uint8Array =>
  joined(values.flatMap((value) => [ints(text(value).length), text(value)]))
export const string = (name: string, value: string): MadeAttribute => [name, "string", text(value)]

export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

const channelBytes = (made: MadeChannel | string): Uint8Array => {
  const { name, pixelType = 1, sampling = 1 } = typeof made === "string" ? { name: made } : made
  return joined([text(name), NUL, ints(pixelType), Uint8Array.of(0, 0, 0, 0), ints(sampling, sampling)])
}

const boxBytes = ({ xMin, yMin, xMax, yMax }: Box): Uint8Array => ints(xMin, yMin, xMax, yMax)
const SMALL: Box = { xMin: 0, yMin: 0, xMax: 63, yMax: 47 }

function partBytes(made: MadePart): Uint8Array {
  const required: readonly MadeAttribute[] = [
    ["channels", "chlist", joined([...made.channels.map(channelBytes), NUL])],
    ["compression", "compression", Uint8Array.of(made.compression ?? 0)],
    ["dataWindow", "box2i", boxBytes(made.dataWindow ?? SMALL)],
    ["displayWindow", "box2i", boxBytes(made.displayWindow ?? SMALL)],
    ["lineOrder", "lineOrder", Uint8Array.of(0)],
    ["pixelAspectRatio", "float", floats(made.pixelAspect ?? 1)],
    ["screenWindowCenter", "v2f", floats(0, 0)],
    ["screenWindowWidth", "float", floats(1)],
  ]
  const extra = made.attributes ?? []
  const replaced = new Set([...extra.map(([name]) => name), ...(made.without ?? [])])
  const all = [...required.filter(([name]) => !replaced.has(name)), ...extra]
  return joined([
    ...all.flatMap(([name, type, bytes]) => [text(name), NUL, text(type), NUL, ints(bytes.length), bytes]),
    NUL,
  ])
}

/** An EXR's headers, and `tailBytes` of zeros where table and pixels would be. `flags` 0x1000 makes it multi-part. */
export function exrFile({ flags = 0, parts, tailBytes = 4096 }: MadeExr): Uint8Array {
  const end = (flags & 0x1000) === 0 ? [] : [NUL]
  const start = joined([Uint8Array.of(0x76, 0x2f, 0x31, 0x01), ints(2 | flags)])
  return joined([start, ...parts.map(partBytes), ...end, new Uint8Array(tailBytes)])
}

/** Names of a layer's channels. */
export const layer = (name: string, components = "RGB"): readonly string[] =>
  components.split("").map((one) => `${name}.${one}`)

/** A part of a file with more than one, which belongs to a view. */
export const viewPart = (name: string, view: string, channels: readonly string[]): MadePart => ({
  channels,
  attributes: [
    string("name", name),
    string("view", view),
    string("type", "scanlineimage"),
    ["chunkCount", "int", ints(48)],
  ],
})
