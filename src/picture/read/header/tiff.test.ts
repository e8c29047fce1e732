import { describe, expect, it } from "vitest"
import { failure } from "../../../events/result.ts"
import { bytesInMemory, type FileBytes, firstBytes, withExtent } from "./bytes.ts"
import { DEFAULT_LIMITS } from "./limits.ts"
import { numberNamed, numbersNamed, type PictureHeader, textNamed } from "./model.ts"
import { nextSpan, readHeader } from "./read.ts"
import { corpusBytes, hasCorpus } from "./testing/corpus.ts"
import { type MadeTag, type MadeTiff, tiffFile } from "./testing/tiff-file.ts"

const pixels = new Uint8Array(64 * 48 * 3)
const RGB: readonly MadeTag[] = [
  [256, 4, [64]],
  [257, 4, [48]],
  [258, 3, [8, 8, 8]],
  [259, 3, [1]],
  [262, 3, [2]],
  [277, 3, [3]],
]
const without = (tag: number): readonly MadeTag[] => RGB.filter(([number]) => number !== tag)
const withTags = (...more: readonly MadeTag[]): readonly MadeTag[] => [
  ...RGB.filter(([tag]) => more.every(([other]) => other !== tag)),
  ...more,
]

const outcomeOf = (bytes: Uint8Array) => readHeader(firstBytes(bytes, bytes.length), "a.tif")
const made = (tags: readonly MadeTag[], rest: Partial<MadeTiff> = {}) =>
  tiffFile({ directories: [{ tags, pixels }], ...rest })

function header(bytes: Uint8Array): PictureHeader {
  const outcome = outcomeOf(bytes)
  if (outcome.kind !== "read") throw new Error(JSON.stringify(outcome))
  return outcome.value
}

describe("a TIFF header", () => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])("reads alike in both byte orders and as BigTIFF (big-endian %s, BigTIFF %s)", (bigEndian, bigTiff) => {
    const tags = withTags([305, 2, "a writer"], [282, 5, [72, 1]], [283, 5, [36, 1]], [274, 3, [6]])
    const { parts } = header(made(tags, { bigEndian, bigTiff }))
    const [part] = parts
    if (part === undefined) throw new Error("no part")
    expect(part).toMatchObject({ kind: "strips", compression: "none", pixelAspect: 0.5, chunkCount: 1 })
    expect(part.channels.map(({ name, pixelType }) => `${name}:${pixelType}`)).toEqual([
      "R:uint8",
      "G:uint8",
      "B:uint8",
    ])
    expect(textNamed(part, "Software")).toBe("a writer")
    expect(numberNamed(part, "Orientation")).toBe(6)
    expect(numbersNamed(part, "BitsPerSample")).toEqual([8, 8, 8])
  })

  it("has a part for every directory", () => {
    const directories = [1, 2, 3].map((width) => ({ tags: withTags([256, 4, [width]]), pixels }))
    expect(header(tiffFile({ directories })).parts.map(({ dataWindow }) => dataWindow.xMax + 1)).toEqual([1, 2, 3])
  })

  it("is read once where its directories loop", () => {
    const bytes = made(RGB)
    const view = new DataView(bytes.buffer)
    const start = view.getUint32(4, true)
    view.setUint32(start + 2 + view.getUint16(start, true) * 12, start, true)
    const { parts, warnings } = header(bytes)
    expect(parts).toHaveLength(1)
    expect(warnings.join()).toContain("loops")
  })

  it("keeps its first directories where a later one is damaged or there are too many", () => {
    const bytes = made(RGB)
    const view = new DataView(bytes.buffer)
    const start = view.getUint32(4, true)
    view.setUint32(start + 2 + view.getUint16(start, true) * 12, 0xfffffff0, true)
    expect(header(bytes)).toMatchObject({ parts: [{ index: 0 }], warnings: [expect.stringContaining("left out")] })
    const many = header(tiffFile({ directories: Array.from({ length: 40 }, () => ({ tags: RGB, pixels })) }))
    expect(many.parts).toHaveLength(DEFAULT_LIMITS.directories)
    expect(many.warnings).toHaveLength(1)
  })

  it("lying at the end of a large file is found by asking for its place, not for all before it", () => {
    const bytes = made(withTags([270, 2, "x".repeat(300)]))
    const shift = 2 ** 31
    new DataView(bytes.buffer).setUint32(4, new DataView(bytes.buffer).getUint32(4, true) + shift, true)
    const moved = movedFile(bytes, shift)
    let file: FileBytes = firstBytes(moved.read(0, 8), moved.sizeBytes)
    let outcome = readHeader(file, "a.tif")
    while (outcome.kind === "needMoreBytes") {
      const next = nextSpan(file, outcome.need, DEFAULT_LIMITS)
      if (next === null) throw new Error("too long")
      file = withExtent(file, { offset: next.offset, bytes: moved.read(next.offset, next.lengthBytes) })
      outcome = readHeader(file, "a.tif")
    }
    expect(outcome.kind).toBe("read")
    expect(bytesInMemory(file)).toBeLessThan(100_000)
  })
})

/** The same bytes again at `shift`, with the values of tags moved along; zeros in between are never stored. */
function movedFile(bytes: Uint8Array, shift: number) {
  const view = new DataView(bytes.buffer, 0, bytes.length)
  const start = view.getUint32(4, true) - shift
  for (let entry = start + 2; entry < start + 2 + view.getUint16(start, true) * 12; entry += 12) {
    const isFar = [258, 270].includes(view.getUint16(entry, true))
    if (isFar) view.setUint32(entry + 8, view.getUint32(entry + 8, true) + shift, true)
  }
  const read = (offset: number, lengthBytes: number): Uint8Array => {
    const from = offset >= shift ? offset - shift : offset
    const piece = new Uint8Array(lengthBytes)
    piece.set(bytes.subarray(from, from + lengthBytes))
    return piece
  }
  return { sizeBytes: shift + bytes.length, read }
}

describe("a hostile TIFF header", () => {
  it.each<readonly [string, Uint8Array, string]>([
    ["with a width of 0", made(withTags([256, 4, [0]])), "picture/damaged"],
    ["without a height", made(without(257)), "picture/damaged"],
    ["with a height of 4 billion", made(withTags([257, 4, [0xffffffff]])), "picture/over-limit"],
    ["with tiles of width 0", made(withTags([322, 3, [0]], [323, 3, [64]])), "picture/damaged"],
    ["with pixels beyond its end", made(withTags([273, 4, [0x7fffffff]])), "picture/damaged"],
    ["with 65,535 samples in a pixel", made(withTags([277, 3, [65_535]])), "picture/over-limit"],
    ["without directories", Uint8Array.of(0x49, 0x49, 42, 0, 0, 0, 0, 0), "picture/damaged"],
    ["cut after its start", Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0), "picture/damaged"],
  ])("%s is refused", (_, bytes, code) => {
    expect(outcomeOf(bytes)).toMatchObject({ kind: "failed", failure: { code } })
  })

  it("whose tags all point at one large value is read without most of them", () => {
    const shared: readonly MadeTag[] = Array.from({ length: 300 }, (_, n) => [50_000 + n, 7, []])
    const bytes = made(withTags(...shared), {
      directories: [{ tags: withTags(...shared), pixels: new Uint8Array(70_000) }],
    })
    const view = new DataView(bytes.buffer)
    const start = view.getUint32(4, true)
    for (let entry = start + 2; entry < start + 2 + view.getUint16(start, true) * 12; entry += 12)
      if (view.getUint16(entry, true) >= 50_000) {
        view.setUint32(entry + 4, 65_000, true)
        view.setUint32(entry + 8, 8, true)
      }
    const { parts, warnings } = header(bytes)
    const kept = parts[0]?.attributes.filter(({ name }) => name.startsWith("tag")).length ?? 0
    expect(kept * 65_000).toBeLessThan(DEFAULT_LIMITS.decodedBytes)
    expect(warnings).toEqual([expect.stringMatching(/is read without .* and \d+ more: .* hold more than/)])
  })

  it("with more tags than are read is shown by those that have low numbers", () => {
    const many: readonly MadeTag[] = Array.from({ length: 700 }, (_, n) => [40_000 + n, 3, [n]])
    expect(header(made(withTags(...many)))).toMatchObject({
      parts: [{ compression: "none" }],
      warnings: [expect.stringContaining("707 tags")],
    })
  })
})

/** A tag moved so that its value lies behind the end of the file. */
function beyondEnd(bytes: Uint8Array, moved: number): Uint8Array {
  const view = new DataView(bytes.buffer, 0, bytes.length)
  const start = view.getUint32(4, true)
  for (let entry = start + 2; entry < start + 2 + view.getUint16(start, true) * 12; entry += 12)
    if (view.getUint16(entry, true) === moved) view.setUint32(entry + 8, bytes.length + 1000, true)
  return bytes
}

describe("what a TIFF's picture does not need refuses it never", () => {
  const long = "x".repeat(100)
  const unneeded: readonly MadeTag[] = [
    ...[270, 305, 315, 700, 33_723, 34_377, 34_665, 34_675, 50_000].map((tag): MadeTag => [tag, 2, long]),
    [282, 5, [72, 1]],
    [283, 5, [72, 1]],
  ]

  it.each(unneeded.map((tag) => [tag[0], tag] as const))(
    "tag %d pointing beyond the end is left out",
    (number, tag) => {
      const { parts, warnings } = header(beyondEnd(made(withTags(tag)), number))
      expect(parts[0]?.channels).toHaveLength(3)
      expect(warnings).toEqual([expect.stringMatching(/^Directory 0 of the TIFF is read without .* beyond the end/)])
    },
  )

  it("while sizes, samples and places are needed", () => {
    expect(outcomeOf(beyondEnd(made(RGB), 258))).toMatchObject({ kind: "failed", failure: { code: "picture/damaged" } })
  })

  it("nor does a private number larger than any offset", () => {
    const bytes = made(withTags([50_000, 16, [1]]), { bigTiff: true })
    const view = new DataView(bytes.buffer, 0, bytes.length)
    const start = Number(view.getBigUint64(8, true))
    for (let entry = start + 8; view.getUint16(entry, true) <= 50_000 && entry < bytes.length - 20; entry += 20)
      if (view.getUint16(entry, true) === 50_000) view.setBigUint64(entry + 12, 2n ** 60n, true)
    expect(header(bytes).parts).toHaveLength(1)
  })

  it("nor a missing end of the chain, nor pages too far apart to be all read", () => {
    const grey = made(withTags([258, 3, [8]], [262, 3, [1]], [277, 3, [1]]))
    expect(header(grey.subarray(0, -4)).parts).toHaveLength(1)
    const directories = Array.from({ length: 30 }, () => ({ tags: withTags([700, 1, [1, 2, 3, 4, 5]]), pixels }))
    const bytes = tiffFile({ directories })
    const noMore = failure("picture/over-limit", "No more is read.")
    const file = { fileSizeBytes: bytes.length, extents: [{ offset: 0, bytes: bytes.subarray(0, 30_000) }], noMore }
    expect(readHeader(file, "a.tif")).toMatchObject({ kind: "read", value: { parts: expect.anything() } })
  })
})

describe.skipIf(!hasCorpus)("the TIFFs of the corpus (skipped where the corpus is absent)", () => {
  it.each([
    [
      "quad-tile.tif",
      { kind: "tiles", compression: "lzw", tiles: { width: 128, height: 128 }, chunkCount: 12 },
      "uint8",
    ],
    ["depth/flower-rgb-contig-16.tif", { kind: "strips", compression: "none" }, "uint16"],
    ["depth/flower-rgb-contig-32.tif", { kind: "strips", compression: "none" }, "uint32"],
  ])("%s reads as what it is", (name, expected, pixelType) => {
    const [part] = header(corpusBytes(`OpenImageIO-images/libtiffpic/${name}`)).parts
    expect(part).toMatchObject({ ...expected, channels: [{ pixelType }, { pixelType }, { pixelType }] })
  })
})
