import { describe, expect, it } from "vitest"
import { type MadeTag, tiffFile } from "../header/testing/tiff-file.ts"
import { readingOf } from "../testing/readings.ts"
import { readIcc } from "./icc.ts"

type Made = {
  readonly description: string
  readonly model?: string
  readonly colorants: readonly (readonly [number, number, number])[]
  /** Entries of the curve: none is the identity, one a gamma, more a table. */
  readonly curve: readonly number[]
}

const SRGB: Made["colorants"] = [
  [0.436, 0.2225, 0.0139],
  [0.3851, 0.7169, 0.0971],
  [0.1431, 0.0606, 0.7141],
]
const P3: Made["colorants"] = [
  [0.5151, 0.2412, -0.0011],
  [0.292, 0.6922, 0.0419],
  [0.1571, 0.0666, 0.7841],
]
const TABLE = Array.from({ length: 1024 }, (_, index) => index * 64)

/** A version 2 profile with a description, colorants and one curve. */
function profile({ description, model = "RGB ", colorants, curve }: Made): Uint8Array {
  const bytes = new Uint8Array(4096)
  const view = new DataView(bytes.buffer)
  const text = (at: number, value: string): void => bytes.set(new TextEncoder().encode(value), at)
  let end = 128 + 4 + 5 * 12
  const tag = (index: number, signature: string, sizeBytes: number): number => {
    text(132 + index * 12, signature)
    view.setUint32(136 + index * 12, end)
    view.setUint32(140 + index * 12, sizeBytes)
    end += sizeBytes
    return end - sizeBytes
  }
  text(16, model)
  view.setUint32(128, 5)
  const desc = tag(0, "desc", 12 + description.length + 1)
  text(desc, "desc")
  view.setUint32(desc + 8, description.length + 1)
  text(desc + 12, description)
  colorants.forEach((xyz, index) => {
    const at = tag(1 + index, ["rXYZ", "gXYZ", "bXYZ"][index] ?? "", 20)
    text(at, "XYZ ")
    for (const [n, value] of xyz.entries()) view.setInt32(at + 8 + n * 4, Math.round(value * 65536))
  })
  const trc = tag(4, "rTRC", 12 + curve.length * 2)
  text(trc, "curv")
  view.setUint32(trc + 8, curve.length)
  for (const [n, entry] of curve.entries()) view.setUint16(trc + 12 + n * 2, entry)
  return bytes
}

const srgb = profile({ description: "sRGB IEC61966-2.1", colorants: SRGB, curve: TABLE })
const p3 = profile({ description: "Display P3", colorants: P3, curve: TABLE })
const linear = profile({ description: "Linear Rec.709", colorants: SRGB, curve: [] })

describe("an ICC profile", () => {
  it("is sRGB by its primaries and curve, whatever it is called", () => {
    expect(readIcc(srgb)).toEqual({ description: "sRGB IEC61966-2.1", isSrgb: true, isLinear: false })
    expect(readIcc(profile({ description: "sRGB?", colorants: P3, curve: TABLE }))?.isSrgb).toBe(false)
    expect(readIcc(profile({ description: "gamma 2.2", colorants: SRGB, curve: [563] }))?.isSrgb).toBe(true)
    expect(readIcc(profile({ description: "gamma 1.8", colorants: SRGB, curve: [461] }))?.isSrgb).toBe(false)
  })

  it("is linear where its curve is the identity", () => {
    expect(readIcc(linear)?.isLinear).toBe(true)
    expect(readIcc(profile({ description: "1.0", colorants: SRGB, curve: [256] }))?.isLinear).toBe(true)
  })

  it("is nothing where it is cut short or is none", () => {
    expect(readIcc(srgb.subarray(0, 150))).toBeNull()
    expect(readIcc(new Uint8Array(0))).toBeNull()
    expect(readIcc(new Uint8Array(500).fill(255))).toBeNull()
  })
})

describe("an integer TIFF", () => {
  const base: readonly MadeTag[] = [
    [256, 4, [16]],
    [257, 4, [8]],
    [258, 3, [8, 8, 8]],
    [262, 3, [2]],
    [277, 3, [3]],
  ]
  const tiff = (icc?: Uint8Array) => {
    const tags: readonly MadeTag[] = icc === undefined ? base : [...base, [34_675, 7, [...icc]]]
    return readingOf(tiffFile({ directories: [{ tags, pixels: new Uint8Array(384) }] }), "a.tif")
  }

  it("without a profile, or with sRGB's, is sRGB", () => {
    expect(tiff()).toMatchObject({
      colorspace: { name: "srgb", configSpace: "srgb_tx", encoding: "display" },
      warnings: [],
    })
    expect(tiff(srgb)).toMatchObject({
      colorspace: { name: "srgb", evidence: expect.stringContaining("IEC61966") },
      warnings: [],
    })
  })

  it("with another profile is shown as sRGB, with a warning that names it", () => {
    expect(tiff(p3)).toMatchObject({ colorspace: { name: "srgb" }, warnings: [expect.stringContaining("Display P3")] })
    expect(tiff(new Uint8Array(200))).toMatchObject({ colorspace: { name: "srgb" } })
    expect(tiff(Uint8Array.of(1, 2, 3)).warnings.join()).toContain("cannot be read")
  })

  it("with a linear profile is linear", () => {
    expect(tiff(linear)).toMatchObject({ colorspace: { name: "lin_rec709", rule: "tiff-samples" }, warnings: [] })
  })
})
