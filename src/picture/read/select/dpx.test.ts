import { describe, expect, it } from "vitest"
import { hasDecoder, meanColour } from "../../testing/decoder.ts"
import { failureOf, readingOf } from "../../testing/readings.ts"
import { dpxFile, type MadeDpx, type MadeField } from "../header/testing/dpx-file.ts"

const [WIDTH, HEIGHT] = [64, 48]
const COUNT = WIDTH * HEIGHT

const repeated = (bytes: readonly number[], times: number): Uint8Array =>
  Uint8Array.from({ length: bytes.length * times }, (_, index) => bytes[index % bytes.length] ?? 0)

/** Big-endian words of 32 bits. */
const words = (...values: readonly number[]): readonly number[] =>
  values.flatMap((value) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255])

const PATCH = [0.75, 0.25, 0.125]
const METHOD_A = words(((767 << 22) | (256 << 12) | (128 << 2)) >>> 0)
const METHOD_B = words(((767 << 20) | (256 << 10) | 128) >>> 0)
const EIGHT: MadeField = [803, "u8", 8]

const made = (fields: readonly MadeField[], pixels: Uint8Array, rest: Partial<MadeDpx> = {}): Uint8Array =>
  dpxFile({ width: WIDTH, height: HEIGHT, fields, pixels, ...rest })

function floatPixels(): readonly number[] {
  const view = new DataView(new ArrayBuffer(12))
  PATCH.forEach((value, index) => {
    view.setFloat32(index * 4, value)
  })
  return [...new Uint8Array(view.buffer)]
}

/** Kinds that are shown, and the colour that the decoder must see in them. */
const SHOWN: readonly (readonly [string, Uint8Array, readonly number[]])[] = [
  ["10 bits filled, method A", made([], repeated(METHOD_A, COUNT)), PATCH],
  ["10 bits, little-endian", made([], repeated(METHOD_A.toReversed(), COUNT), { littleEndian: true }), PATCH],
  ["10 bits behind a short header", made([], repeated(METHOD_A, COUNT), { headerBytes: 1664 }), PATCH],
  ["10 bits filled, method B", made([[804, "u16", 2]], repeated(METHOD_B, COUNT)), PATCH],
  ["8 bits", made([EIGHT], repeated([191, 64, 32], COUNT)), PATCH],
  ["8 bits ABGR", made([EIGHT, [800, "u8", 52]], repeated([255, 32, 64, 191], COUNT)), PATCH],
  ["12 bits filled", made([[803, "u8", 12]], repeated([0xbf, 0xf0, 0x40, 0, 0x20, 0], COUNT)), PATCH],
  ["16 bits", made([[803, "u8", 16]], repeated([0xbf, 0xff, 0x40, 0, 0x20, 0], COUNT)), PATCH],
  [
    "floats",
    made(
      [
        [803, "u8", 32],
        [804, "u16", 0],
      ],
      repeated(floatPixels(), COUNT),
    ),
    PATCH,
  ],
  ["luma", made([EIGHT, [800, "u8", 6]], repeated([191], COUNT)), [0.75, 0.75, 0.75]],
  ["red alone", made([EIGHT, [800, "u8", 1]], repeated([191], COUNT)), [0.75, 0.75, 0.75]],
  [
    "unset encoding, count and orientation",
    made(
      [
        [806, "u16", 65535],
        [770, "u16", 65535],
        [768, "u16", 65535],
      ],
      repeated(METHOD_A, COUNT),
    ),
    PATCH,
  ],
]

describe("a DPX that is shown", () => {
  it.each(SHOWN)("of %s shows three channels of element 0", (_, bytes) => {
    expect(readingOf(bytes, "a.dpx").selection).toMatchObject({ format: "dpx", part: 0, orientation: 1 })
  })

  describe.skipIf(!hasDecoder)("has the colour that was written (skipped where the decoder is not installed)", () => {
    it.each(SHOWN)("of %s", (_, bytes, expected) => {
      const mean = meanColour(bytes, "dpx", readingOf(bytes, "a.dpx").selection.channels)
      expect(mean?.map((value, index) => Math.abs(value - (expected[index] ?? 9)) < 0.003)).toEqual([true, true, true])
    })
  })

  it.each([
    [0, 1],
    [1, 2],
    [2, 4],
    [3, 3],
    [0xffff, 1],
  ])("of orientation %d has Exif orientation %d", (stated, exif) => {
    expect(readingOf(made([[768, "u16", stated]], repeated(METHOD_A, COUNT)), "a.dpx").selection.orientation).toBe(exif)
  })
})

describe("a DPX that oiiotool gets wrong without a word, or not at all", () => {
  const rgb = repeated([191, 64, 32], COUNT)
  const elements = ([1, 2, 3] as const).flatMap((descriptor, n): readonly MadeField[] => [
    [780 + 72 * n, "u32", 0],
    [800 + 72 * n, "u8", descriptor],
    [803 + 72 * n, "u8", 8],
    [806 + 72 * n, "u16", 0],
    [808 + 72 * n, "u32", 2048 + n * COUNT],
  ])
  const padded = dpxFile({
    width: 61,
    height: HEIGHT,
    fields: [EIGHT],
    pixels: repeated([...repeated([191, 64, 32], 61), 0], HEIGHT),
  })

  const tenBits = (descriptor: number, wordsInRow: number): Uint8Array =>
    made([[800, "u8", descriptor]], repeated(METHOD_A, wordsInRow * HEIGHT))

  it.each<readonly [string, Uint8Array]>([
    ["stored column by column", made([EIGHT, [768, "u16", 5]], rgb)],
    ["that does not say whether its samples are signed", made([EIGHT, [780, "u32", 0xffffffff]], rgb)],
    ["run-length encoded", made([EIGHT, [806, "u16", 1]], rgb)],
    ["of CbYCr", made([EIGHT, [800, "u8", 102]], rgb)],
    ["of CbYCrY 4:2:2", made([EIGHT, [800, "u8", 100]], rgb)],
    ["of an unknown packing", made([[804, "u16", 5]], repeated(METHOD_A, COUNT))],
    ["whose element lies at offset 0", made([EIGHT, [808, "u32", 0]], rgb)],
    ["whose element lies nowhere", made([EIGHT, [808, "u32", 0xffffffff]], rgb)],
    ["in three elements of one colour each", made([[770, "u16", 3], ...elements], rgb)],
    ["whose rows are padded without saying so", padded],
    ["of 10 bits with a sample of grey alone in a row's last word", tenBits(6, 22)],
    ["of 10 bits with red alone in a row's last word", tenBits(52, 86)],
  ])("is refused by that engine alone: %s", (_, file) => {
    expect(failureOf(file, "a.dpx")).toMatchObject({
      code: "picture/unsupported",
      says: expect.stringContaining("--engine in-process"),
    })
    expect(readingOf(file, "a.dpx", { ownReaders: true }).selection.format).toBe("dpx")
  })

  it.each<readonly [string, readonly MadeField[]]>([
    ["with signed samples", [EIGHT, [780, "u32", 1]]],
    ["of composite video", [EIGHT, [800, "u8", 9]]],
    ["of user-defined samples", [EIGHT, [800, "u8", 152]]],
    ["of 14 bits", [[803, "u8", 14]]],
    ["of 1 bit", [[803, "u8", 1]]],
  ])("is refused as unsupported by every engine: %s", (_, fields) => {
    expect(failureOf(made(fields, rgb), "a.dpx", { ownReaders: true }).code).toBe("picture/unsupported")
  })

  it("holds depth, which every engine shows as such", () => {
    for (const ownReaders of [true, false]) {
      const { pass, colorspace, warnings } = readingOf(made([EIGHT, [800, "u8", 8]], rgb), "a.dpx", { ownReaders })
      expect(pass).toEqual({ kind: "depth", channels: ["Z"] })
      expect(colorspace).toMatchObject({ name: "data", rule: "data-pass" })
      expect(warnings).toContain("The file holds no picture that can be shown; shown instead: depth.")
    }
  })

  it("is damaged where it ends before its pixels do", () => {
    const failure = failureOf(made([], repeated(METHOD_A, COUNT / 2)), "a.dpx")
    expect(failure).toMatchObject({ code: "picture/damaged", says: expect.stringContaining("truncated") })
  })
})
