import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type FileBytes, withExtent } from "./read/header/bytes.ts"
import { DEFAULT_LIMITS } from "./read/header/limits.ts"
import { nextSpan } from "./read/header/read.ts"
import { corpusBytes, hasCorpus } from "./read/header/testing/corpus.ts"
import { dpxFile } from "./read/header/testing/dpx-file.ts"
import { exrFile, floats, ints, string, texts } from "./read/header/testing/exr-file.ts"
import { tiffFile } from "./read/header/testing/tiff-file.ts"
import { decideReading } from "./read/reading.ts"

const RGB = ["B", "G", "R"]
const part = (name: string) => ({
  channels: RGB,
  compression: 3,
  attributes: [string("name", name), string("type", "scanlineimage"), string("view", name)],
})

/** Headers of every kind, small enough that a mutation hits what matters. */
const HEADERS: Readonly<Record<string, Uint8Array>> = {
  "single.exr": exrFile({
    parts: [
      {
        channels: RGB,
        attributes: [
          ["framesPerSecond", "rational", ints(24, 1)],
          ["timeCode", "timecode", ints(0x01000603, 0)],
          ["chromaticities", "chromaticities", floats(1, 0, 0, 1, 0, 0, 1 / 3, 1 / 3)],
          ["multiView", "stringvector", texts("left", "right")],
        ],
      },
    ],
  }),
  "multi.exr": exrFile({ flags: 0x1000, parts: [part("left"), part("right")] }),
  "tiled.exr": exrFile({
    flags: 0x200,
    parts: [{ channels: RGB, attributes: [["tiles", "tiledesc", Uint8Array.of(32, 0, 0, 0, 32, 0, 0, 0, 1)]] }],
  }),
  "big.dpx": dpxFile({ width: 8, height: 8 }),
  "little.dpx": dpxFile({
    width: 8,
    height: 8,
    littleEndian: true,
    fields: [
      [1724, "f32", 24],
      [1920, "u32", 0x01000603],
    ],
  }),
  ...Object.fromEntries(
    [false, true].map((bigTiff) => {
      const tags = [
        [256, 4, [4]],
        [257, 4, [4]],
        [258, 3, [8, 8, 8]],
        [262, 3, [2]],
        [277, 3, [3]],
        [282, 5, [72, 1]],
        [305, 2, "a writer of files"],
      ] as const
      return [
        bigTiff ? "big.tif" : "classic.tif",
        tiffFile({
          bigTiff,
          bigEndian: bigTiff,
          directories: [1, 2].map(() => ({ tags, pixels: new Uint8Array(48) })),
        }),
      ]
    }),
  ),
}

const colour = { inputSpace: null, look: "un-tone-mapped", cameraTokens: true }

/** Reads as a ranged reader does, from `firstBytes` on; the file may claim to be larger than it is. */
function readInSteps(bytes: Uint8Array, key: string, { firstBytes = 64, fileSizeBytes = bytes.length } = {}): string {
  const have = (offset: number, lengthBytes: number): Uint8Array => {
    const piece = new Uint8Array(lengthBytes)
    piece.set(bytes.subarray(offset, offset + lengthBytes))
    return piece
  }
  const limits = { ...DEFAULT_LIMITS, headerBytes: 256 * 1024 }
  const first = { offset: 0, bytes: have(0, Math.min(firstBytes, fileSizeBytes)) }
  let file: FileBytes = { fileSizeBytes, extents: [first] }
  for (let round = 0; round < 1000; round += 1) {
    const outcome = decideReading(file, { key, statedSpace: null, colour, configHash: "0", limits })
    if (outcome.kind === "failed") return outcome.failure.code
    if (outcome.kind === "read") return "read"
    const next = nextSpan(file, outcome.need, limits)
    if (next === null) return "picture/over-limit"
    file = withExtent(file, { offset: next.offset, bytes: have(next.offset, next.lengthBytes) })
  }
  return "never ends"
}

const ENDS = /^(read|picture\/[a-z-]+)$/
const mutation = fc.record({ at: fc.nat(1_000_000), byte: fc.constantFrom(0, 1, 2, 127, 128, 254, 255) })

const mutated = (
  bytes: Uint8Array,
  changes: readonly { readonly at: number; readonly byte: number }[],
  within: number,
) => {
  const copy = bytes.slice()
  for (const { at, byte } of changes) copy[at % Math.min(copy.length, within)] = byte
  return copy
}

describe("a mutated header", () => {
  it.each(Object.keys(HEADERS))("of %s ends as a reading or a typed failure", (key) => {
    const bytes = HEADERS[key] ?? new Uint8Array(0)
    expect(readInSteps(bytes, key)).toBe("read")
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), fc.nat(bytes.length), (changes, firstBytes) => {
        expect(readInSteps(mutated(bytes, changes, 1100), key, { firstBytes })).toMatch(ENDS)
      }),
      { numRuns: 400 },
    )
  })

  it.each(Object.keys(HEADERS))("of %s cut anywhere, or promising a larger file, ends too", (key) => {
    const bytes = HEADERS[key] ?? new Uint8Array(0)
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.constantFrom(0, 1000, 2 ** 33), (end, more) => {
        const cut = bytes.subarray(0, end)
        expect(readInSteps(cut, key, { fileSizeBytes: cut.length + more })).toMatch(ENDS)
      }),
    )
  })

  it("of random bytes behind a right magic ends too", () => {
    const magics: readonly (readonly [string, string])[] = [
      ["762f310102000000", "a.exr"],
      ["762f310102100000", "a.exr"],
      ["53445058", "a.dpx"],
      ["58504453", "a.dpx"],
      ["49492a0008000000", "a.tif"],
      ["4d4d002b000800000000000000000010", "a.tiff"],
    ]
    fc.assert(
      fc.property(fc.constantFrom(...magics), fc.uint8Array({ maxLength: 3000 }), ([magic, key], rest) => {
        const bytes = Uint8Array.from([...Buffer.from(magic, "hex"), ...rest])
        expect(readInSteps(bytes, key)).toMatch(ENDS)
      }),
      { numRuns: 500 },
    )
  })

  it.skipIf(!hasCorpus)("of real files ends too (skipped where the corpus is absent)", () => {
    const real = [
      "openexr-images/Beachball/multipart.0001.exr",
      "openexr-images/Beachball/singlepart.0001.exr",
      "openexr-images/ScanLines/Carrots.exr",
      "OpenImageIO-images/libtiffpic/depth/flower-rgb-contig-16.tif",
      "OpenImageIO-images/dpx/dpx_nuke_10bits_rgb.dpx",
    ].map((path) => [path, corpusBytes(path).subarray(0, 100_000)] as const)
    fc.assert(
      fc.property(
        fc.constantFrom(...real),
        fc.array(mutation, { minLength: 1, maxLength: 8 }),
        ([path, bytes], changes) => {
          expect(readInSteps(mutated(bytes, changes, 4000), path)).toMatch(ENDS)
        },
      ),
      { numRuns: 400 },
    )
  })
})
