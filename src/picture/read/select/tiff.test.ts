import { describe, expect, it } from "vitest"
import { hasDecoder, meanColour } from "../../testing/decoder.ts"
import { failureOf, readingOf } from "../../testing/readings.ts"
import { flatPixels } from "../header/testing/flat-pixels.ts"
import { type MadeTag, tiffFile } from "../header/testing/tiff-file.ts"

const [WIDTH, HEIGHT] = [16, 8]

type Kind = {
  readonly photometric: number
  readonly bits: number
  readonly codes: readonly number[]
  /** 1 unsigned, 2 signed, 3 float. */
  readonly format?: number
  readonly extras?: readonly number[]
  readonly planar?: boolean
  readonly more?: readonly MadeTag[]
}

function tiffOf({ photometric, bits, codes, format = 1, extras, planar = false, more = [] }: Kind): Uint8Array {
  const pixels = flatPixels({ width: WIDTH, height: HEIGHT, codes, bits, float: format === 3, planar })
  const planeBytes = planar ? pixels.length / codes.length : pixels.length
  const planes = codes.map((_, index) => index)
  const tags: readonly MadeTag[] = [
    [256, 4, [WIDTH]],
    [257, 4, [HEIGHT]],
    [258, 3, codes.map(() => bits)],
    [259, 3, [1]],
    [262, 3, [photometric]],
    [277, 3, [codes.length]],
    [278, 4, [HEIGHT]],
    [279, 4, planar ? planes.map(() => planeBytes) : [planeBytes]],
    [284, 3, [planar ? 2 : 1]],
    [339, 3, codes.map(() => format)],
    ...(planar ? [[273, 4, planes.map((plane) => 8 + plane * planeBytes)] as const] : []),
    ...(extras === undefined ? [] : [[338, 3, extras] as const]),
    ...more,
  ]
  return tiffFile({ directories: [{ tags, pixels }] })
}

const QUARTERS = [0.75, 0.25, 0.125]
const codesOf = (bits: number): readonly number[] => QUARTERS.map((part) => Math.round(part * (2 ** bits - 1)))
const rgb = (bits: number, rest: Partial<Kind> = {}): Kind => ({ photometric: 2, bits, codes: codesOf(bits), ...rest })
const map = (entries: number): MadeTag => [320, 3, [191, 64, 32].flatMap((code) => new Array(entries).fill(code * 257))]
const PATCH = [191, 64, 32].map((code) => code / 255)

/** Kinds that are shown, and the colour that the decoder must see in them. */
const SHOWN: readonly (readonly [string, Kind, readonly number[]])[] = [
  ...[4, 8, 10, 12, 14, 16, 32].map((bits) => [`RGB of ${bits} bits`, rgb(bits), QUARTERS] as const),
  ...[16, 32, 64].map((bits) => [`RGB of float${bits}`, rgb(bits, { format: 3, codes: QUARTERS }), QUARTERS] as const),
  ["RGB in planes of 12 bits", rgb(12, { planar: true }), QUARTERS],
  ["signed RGB of 16 bits", rgb(16, { format: 2, codes: codesOf(15) }), QUARTERS],
  ["RGB beside a loose sample", rgb(8, { codes: [191, 64, 32, 9], extras: [0] }), PATCH],
  [
    "RGB beside associated alpha",
    rgb(8, { codes: [96, 32, 16, 128], extras: [1] }),
    [96, 32, 16].map((code) => code / 255),
  ],
  [
    "RGB beside unassociated alpha",
    rgb(8, { codes: [191, 64, 32, 128], extras: [2] }),
    PATCH.map((one) => one * (128 / 255)),
  ],
  ["grey", { photometric: 1, bits: 8, codes: [191] }, [0.749, 0.749, 0.749]],
  ["grey of float32", { photometric: 1, bits: 32, format: 3, codes: [0.75] }, [0.75, 0.75, 0.75]],
  ["grey beside alpha", { photometric: 1, bits: 8, codes: [191, 255], extras: [1] }, [0.749, 0.749, 0.749]],
  ["grey beside a loose sample", { photometric: 1, bits: 8, codes: [191, 7], extras: [0] }, [0.749, 0.749, 0.749]],
  [
    "grey beside two loose samples",
    { photometric: 1, bits: 8, codes: [191, 7, 9], extras: [0, 0] },
    [0.749, 0.749, 0.749],
  ],
  ["RGB that is tagged as grey", { photometric: 1, bits: 32, format: 3, codes: QUARTERS }, QUARTERS],
  ["grey where white is zero", { photometric: 0, bits: 8, codes: [64] }, [0.749, 0.749, 0.749]],
  ["a palette of 8 bits", { photometric: 3, bits: 8, codes: [7], more: [map(256)] }, PATCH],
  ["a palette of 16 bits", { photometric: 3, bits: 16, codes: [7], more: [map(65536)] }, PATCH],
  ["a palette of 4 bits", { photometric: 3, bits: 4, codes: [7], more: [map(16)] }, PATCH],
  ["CMYK", { photometric: 5, bits: 8, codes: [0, 170, 213, 64] }, [0.749, 0.251, 0.1216]],
  ["YCbCr", { photometric: 6, bits: 8, codes: [92, 101, 186], more: [[530, 3, [1, 1]]] }, [0.6784, 0.2353, 0.1725]],
]

describe("a TIFF that is shown", () => {
  it.each(SHOWN)("as %s is linear where its samples are floats, else sRGB", (_, kind) => {
    const { colorspace } = readingOf(tiffOf(kind), "a.tif")
    expect(colorspace).toMatchObject({ rule: "tiff-samples", name: kind.format === 3 ? "lin_rec709" : "srgb" })
  })

  describe.skipIf(!hasDecoder)("has the colour that was written (skipped where the decoder is not installed)", () => {
    it.each(SHOWN)("as %s", (_, kind, expected) => {
      const bytes = tiffOf(kind)
      const mean = meanColour(bytes, "tif", readingOf(bytes, "a.tif").selection.channels)
      const tolerance = kind.bits < 8 && kind.photometric === 2 ? 0.04 : 0.003
      expect(mean?.map((value, index) => Math.abs(value - (expected[index] ?? 9)) < tolerance)).toEqual([
        true,
        true,
        true,
      ])
    })
  })
})

describe("a TIFF that the decoder gets wrong without a word", () => {
  it.each<readonly [string, Kind]>([
    ["CIE Lab of lightness alone", { photometric: 8, bits: 8, codes: [128] }],
    ["CIE Lab of 32 bits", { photometric: 8, bits: 32, codes: [128, 40, 30] }],
    ["CIE Lab as JPEG", { photometric: 8, bits: 8, codes: [128, 40, 30], more: [[259, 3, [7]]] }],
    ["signed ICC Lab", { photometric: 9, bits: 8, codes: [128, 40, 30], format: 2 }],
    ["ITU Lab", { photometric: 10, bits: 8, codes: [128, 40, 30] }],
    ["samples of 24 bits", rgb(24)],
    ["white is zero with 16 bits", { photometric: 0, bits: 16, codes: [49_151] }],
    ["white is zero beside another sample", { photometric: 0, bits: 8, codes: [191, 7], extras: [0] }],
    ["a palette without colours", { photometric: 3, bits: 8, codes: [7] }],
    ["a palette beside alpha", { photometric: 3, bits: 8, codes: [7, 128], extras: [2], more: [map(256)] }],
    ["CMYK beside alpha", { photometric: 5, bits: 8, codes: [0, 170, 213, 64, 128], extras: [2] }],
    ["other inks than CMYK", { photometric: 5, bits: 8, codes: [0, 1, 2, 3], more: [[332, 3, [2]]] }],
    ["YCbCr of 16 bits", { photometric: 6, bits: 16, codes: [1, 2, 3] }],
    ["LogLuv", { photometric: 32_845, bits: 16, codes: [1, 2, 3], format: 2 }],
    ["a colour filter array", { photometric: 32_803, bits: 16, codes: [30_000] }],
    ["a mask", { photometric: 4, bits: 1, codes: [1] }],
    ["complex numbers", rgb(32, { format: 6 })],
    ["unknown compression", rgb(8, { more: [[259, 3, [65_000]]] })],
    ["samples of different depths", rgb(8, { more: [[258, 3, [8, 8, 16]]] })],
  ])("is refused as unsupported: %s", (_, kind) => {
    const more = kind.more ?? []
    const bytes = tiffOf({ ...kind, more: [] })
    expect(failureOf(more.length === 0 ? bytes : withTags(kind, more), "a.tif").code).toBe("picture/unsupported")
  })

  it("has no displayable channels where it is RGB of two samples", () => {
    expect(failureOf(tiffOf(rgb(8, { codes: [1, 2] })), "a.tif").code).toBe("picture/no-displayable-channels")
  })
})

/** The kind with tags replaced rather than doubled. */
function withTags(kind: Kind, more: readonly MadeTag[]): Uint8Array {
  const { photometric, bits, codes } = kind
  const pixels = flatPixels({ width: WIDTH, height: HEIGHT, codes, bits })
  const tags: readonly MadeTag[] = [
    [256, 4, [WIDTH]],
    [257, 4, [HEIGHT]],
    [258, 3, codes.map(() => bits)],
    [262, 3, [photometric]],
    [277, 3, [codes.length]],
  ]
  const extras: readonly MadeTag[] = kind.extras === undefined ? [] : [[338, 3, kind.extras]]
  const kept = tags.filter(([tag]) => more.every(([other]) => other !== tag))
  return tiffFile({ directories: [{ tags: [...kept, ...extras, ...more], pixels }] })
}

describe("the directory of a TIFF that is shown", () => {
  const directory = (width: number, kind: number) => ({
    tags: [
      [254, 4, [kind]],
      [256, 4, [width]],
      [257, 4, [8]],
      [258, 3, [8, 8, 8]],
      [262, 3, [2]],
      [277, 3, [3]],
    ] as readonly MadeTag[],
    pixels: new Uint8Array(width * 24),
  })

  it("is the first that is neither a reduced copy nor a mask", () => {
    const bytes = tiffFile({ directories: [directory(4, 1), directory(5, 4), directory(16, 0)] })
    expect(readingOf(bytes, "a.tiff").selection).toMatchObject({ part: 2, displayWindow: { xMax: 15 } })
  })

  it("is the first where all are copies", () => {
    expect(readingOf(tiffFile({ directories: [directory(4, 1), directory(8, 1)] }), "a.tif").selection.part).toBe(0)
  })

  it.each([
    [6, 6],
    [0, 1],
    [9, 1],
  ])("with orientation %d is shown by orientation %d", (stated, shown) => {
    expect(readingOf(tiffOf(rgb(8, { more: [[274, 3, [stated]]] })), "a.tif").selection.orientation).toBe(shown)
  })

  it("is a reduced copy, with a warning, where the full picture lies in a directory below", () => {
    const below: readonly MadeTag[] = [
      [254, 4, [1]],
      [330, 13, [8]],
    ]
    expect(readingOf(tiffOf(rgb(8, { more: below })), "a.tif").warnings).toEqual([expect.stringContaining("SubIFDs")])
  })

  it("is its own display window, wherever a position tag puts it", () => {
    const position: readonly MadeTag[] = [
      [282, 5, [72, 1]],
      [283, 5, [72, 1]],
      [286, 5, [1, 1]],
      [287, 5, [1, 2]],
    ]
    expect(readingOf(tiffOf(rgb(8, { more: position })), "a.tif").selection.displayWindow).toEqual({
      xMin: 0,
      yMin: 0,
      xMax: 15,
      yMax: 7,
    })
  })
})
