import { bradford, type Chromaticities, multiply, rgbToXyz, type Xy } from "../matrix.ts"

/** Entries of a `curv` (none is the identity, one a gamma in 256ths, more a table), or the numbers of a `para`. */
export type MadeCurve = readonly number[] | { readonly kind: number; readonly numbers: readonly number[] }

export type MadeProfile = {
  readonly description?: string
  /** Default `RGB `. */
  readonly model?: string
  /** Default `XYZ `. */
  readonly connection?: string
  /** XYZ under D50 of red, green and blue: `colorants`. */
  readonly colorants?: readonly (readonly number[])[]
  /** One for all channels, or one each. */
  readonly curves: readonly MadeCurve[]
  /** Further tags. */
  readonly more?: readonly (readonly [signature: string, bytes: Uint8Array])[]
}

const D50: Xy = [0.3457, 0.3585]

/** What a profile holds of primaries: adapted to D50 by Bradford. */
export function colorants(primaries: Chromaticities): readonly (readonly number[])[] {
  const [toXyz, adapted] = [rgbToXyz(primaries), bradford(primaries.white, D50)]
  if (toXyz === null || adapted === null) throw new Error("The primaries are none.")
  const m = multiply(adapted, toXyz)
  return [0, 1, 2].map((column) => [m[column] ?? 0, m[column + 3] ?? 0, m[column + 6] ?? 0])
}

/** Tables from inks or codes to CIE Lab (`mft2`), linear between the corners: as many as `channels` make, the last one fastest. */
export function tables(channels: number, corners: readonly (readonly number[])[]): Uint8Array {
  const ends = (count: number): readonly number[] => Array.from({ length: count }, () => [0, 65_535]).flat()
  const shown = corners.flatMap(([l = 0, a = 0, b = 0]) =>
    [l * 652.8, (a + 128) * 256, (b + 128) * 256].map(Math.round),
  )
  return typed(
    "mft2",
    Uint8Array.of(channels, 3, 2, 0),
    fixed([1, 0, 0, 0, 1, 0, 0, 0, 1]),
    big(2, [2, 2, ...ends(channels), ...shown, ...ends(3)]),
  )
}

/** A version 2 profile of a display, as littleCMS reads it, too. */
export function iccProfile(made: MadeProfile): Uint8Array {
  const tags = tagsOf(made)
  const first = 132 + tags.length * 12
  const profile = new Uint8Array(first + tags.reduce((sum, [, bytes]) => sum + padded(bytes.length), 0))
  const view = new DataView(profile.buffer)
  const { model = "RGB ", connection = "XYZ " } = made
  view.setUint32(0, profile.length)
  view.setUint32(8, 0x02400000)
  for (const [at, word] of Object.entries({ 12: "mntr", 16: model, 20: connection, 36: "acsp" }))
    profile.set(ascii(word), Number(at))
  profile.set(fixed([0.9642, 1, 0.8249]), 68)
  view.setUint32(128, tags.length)
  let end = first
  for (const [index, [signature, bytes]] of tags.entries()) {
    profile.set(ascii(signature), 132 + index * 12)
    view.setUint32(136 + index * 12, end)
    view.setUint32(140 + index * 12, bytes.length)
    profile.set(bytes, end)
    end += padded(bytes.length)
  }
  return profile
}

function tagsOf({ description, model, colorants, curves, more = [] }: MadeProfile): (readonly [string, Uint8Array])[] {
  const names = model === "GRAY" ? ["kTRC"] : ["rTRC", "gTRC", "bTRC"]
  return [
    ...(description === undefined ? [] : [["desc", text(description)] as const]),
    ["wtpt", typed("XYZ ", fixed([0.9642, 1, 0.8249]))],
    ...(colorants ?? []).map(
      (xyz, index) => [["rXYZ", "gXYZ", "bXYZ"][index] ?? "", typed("XYZ ", fixed(xyz))] as const,
    ),
    ...(curves.length === 0
      ? []
      : names.map((name, index) => [name, curveBytes(curves[index] ?? curves[0] ?? [])] as const)),
    ...more,
  ]
}

const padded = (sizeBytes: number): number => Math.ceil(sizeBytes / 4) * 4

const ascii = (value: string): Uint8Array => new TextEncoder().encode(value)

const typed = (type: string, ...rest: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from([...ascii(type), 0, 0, 0, 0, ...rest.flatMap((bytes) => [...bytes])])

const big = (sizeBytes: 2 | 4, numbers: readonly number[]): Uint8Array =>
  Uint8Array.from(numbers.flatMap((one) => (sizeBytes === 2 ? [one >> 8, one] : [one >> 24, one >> 16, one >> 8, one])))

const fixed = (numbers: readonly number[]): Uint8Array =>
  big(
    4,
    numbers.map((one) => Math.round(one * 65_536)),
  )

const text = (value: string): Uint8Array =>
  typed("desc", big(4, [value.length + 1]), ascii(value), new Uint8Array(1 + 4 + 4 + 2 + 1 + 67))

function curveBytes(curve: MadeCurve): Uint8Array {
  if ("kind" in curve) return typed("para", big(2, [curve.kind, 0]), fixed(curve.numbers))
  return typed("curv", big(4, [curve.length]), big(2, curve))
}
