import { describe, expect, it } from "vitest"
import type { PictureHeader } from "../../read/header/model.ts"
import type { ByteSource, SampleRow } from "../index.ts"
import { HALF_TO_FLOAT } from "./compression/half.ts"
import { openExrReader } from "./reader.ts"
import { headerOf, memoryBytes } from "./testing/opened.ts"
import { countingPart, single, type WrittenPart, writtenExr } from "./testing/written-exr.ts"

type Opened = { readonly bytes: ByteSource; readonly header: PictureHeader; readonly file: Uint8Array }

function opened(part: WrittenPart): Opened {
  const file = writtenExr(single(part))
  return { file, bytes: memoryBytes(file), header: headerOf(file) ?? expect.fail("the header is refused") }
}

/** The rows of a range, copied. */
function rowsOf({ bytes, header }: Opened, channels: readonly string[], first = 0, last = 39): readonly SampleRow[] {
  const reader = openExrReader(bytes, header, { part: 0, channels })
  if (!reader.ok) return expect.fail(reader.failure.says)
  const rows: SampleRow[] = []
  const read = reader.value.readRows({ first, last }, (_, [r, g, b]) => rows.push([r.slice(), g.slice(), b.slice()]))
  return read.ok ? rows : expect.fail(read.failure.says)
}

const failureOf = (result: ReturnType<typeof openExrReader>): string => (result.ok ? "none" : result.failure.code)

const half = (bits: number): number => HALF_TO_FLOAT[bits] ?? Number.NaN

/** The header with other words in its first part, as a file that this reader does not take has them. */
const withPart = (header: PictureHeader, changed: Partial<PictureHeader["parts"][number]>): PictureHeader => ({
  ...header,
  parts: header.parts.map((part) => ({ ...part, ...changed })),
})

describe("the shown channels of an EXR", () => {
  it("come as R, G and B, in whatever order the file has them", () => {
    const [row] = rowsOf(opened(countingPart({})), ["R", "G", "B"])
    expect(row?.map((samples) => samples[5])).toEqual([half(2005), half(1005), half(5)])
  })

  it("are the same row three times for grey", () => {
    const { bytes, header } = opened(countingPart({ names: ["Y", "Z"] }))
    const reader = openExrReader(bytes, header, { part: 0, channels: ["Y", "Y", "Y"] })
    if (!reader.ok) return expect.fail(reader.failure.says)
    const rows: boolean[] = []
    reader.value.readRows({ first: 0, last: 39 }, (_, [r, g, b]) => rows.push(r === g && g === b))
    expect(rows).toEqual(Array.from({ length: 40 }, () => true))
  })

  it("are not decoded outside the rows asked for", () => {
    const made = opened(countingPart({}))
    const table = made.header.spans[0]?.lengthBytes ?? 0
    const view = new DataView(made.file.buffer)
    for (const chunk of [0, 2]) view.setInt32(Number(view.getBigUint64(table + chunk * 8, true)) + 8, -1, true)
    expect(rowsOf(made, ["R", "G", "B"], 17, 31).map(([red]) => red[0])).toEqual(
      Array.from({ length: 15 }, (_, row) => half(2000 + (17 + row) * 24)),
    )
  })

  it("can be read again, from the middle and from the top", () => {
    const made = opened(countingPart({ tiles: { width: 7, height: 9 } }))
    expect(rowsOf(made, ["R", "G", "B"], 11, 12)).toEqual(rowsOf(made, ["R", "G", "B"]).slice(11, 13))
    expect(rowsOf(made, ["R", "G", "B"], 0, 3)).toEqual(rowsOf(made, ["R", "G", "B"]).slice(0, 4))
  })

  it.each(["mipmap", "ripmap"] as const)(
    "are those of the full size in a %s, whose smaller levels are passed over",
    (levels) => {
      const plain = rowsOf(opened(countingPart({ tiles: { width: 7, height: 9 } })), ["R", "G", "B"])
      expect(rowsOf(opened(countingPart({ tiles: { width: 7, height: 9, levels } })), ["R", "G", "B"])).toEqual(plain)
    },
  )

  it("fill the data window where they are subsampled, each sample as far as the next", () => {
    const rows = rowsOf(opened(countingPart({ sampling: 2 })), ["R", "G", "B"], 3, 5)
    expect(rows.map(([red]) => [red[0], red[1], red[2]])).toEqual(
      [12, 24, 24].map((start) => [half(2000 + start), half(2000 + start), half(2001 + start)]),
    )
  })

  it("scale integers so that the largest is 1", () => {
    const part = countingPart({ pixelType: "uint" })
    const channels = part.channels.map((channel) => ({ ...channel, samples: channel.samples.fill(0xffffffff) }))
    expect(rowsOf(opened({ ...part, channels }), ["R", "G", "B"])[0]?.[0][0]).toBe(1)
  })
})

describe("an EXR that this reader does not take", () => {
  const { bytes, header } = opened(countingPart({ compression: "none" }))
  const shown = { part: 0, channels: ["R", "G", "B"] }

  it.each(["pxr24", "htj2k256", "unknown (99)"])("is unsupported when it is packed as %s", (compression) => {
    expect(failureOf(openExrReader(bytes, withPart(header, { compression }), shown))).toBe("picture/unsupported")
  })

  it("is unsupported when it is deep", () => {
    expect(failureOf(openExrReader(bytes, withPart(header, { deep: true }), shown))).toBe("picture/unsupported")
  })

  it("has no channel to show that it does not have", () => {
    const missing = openExrReader(bytes, header, { part: 0, channels: ["R", "G", "Q"] })
    expect(failureOf(missing)).toBe("picture/no-displayable-channels")
    expect(failureOf(openExrReader(bytes, header, { ...shown, part: 1 }))).toBe("picture/no-displayable-channels")
  })

  it("is over the limit when a chunk or a row of tiles needs more memory than is allowed, before any is taken", () => {
    const wide = { xMin: 0, yMin: 0, xMax: 65_534, yMax: 4000 }
    const large = withPart(header, { dataWindow: wide, compression: "zip", chunkCount: null })
    const limits = { limitBytes: 65_535 * 16 * 6 }
    expect(failureOf(openExrReader(bytes, large, shown, limits))).toBe("picture/over-limit")
    const tiled = withPart(large, { tiles: { width: 64, height: 4001, levelMode: "one-level", roundingMode: "down" } })
    expect(failureOf(openExrReader(bytes, tiled, shown))).toBe("picture/over-limit")
  })

  it("is damaged when it subsamples what its window is no multiple of", () => {
    const channels = header.parts[0]?.channels.map((channel) => ({ ...channel, xSampling: 7 })) ?? []
    expect(failureOf(openExrReader(bytes, withPart(header, { channels }), shown))).toBe("picture/damaged")
  })

  it("is damaged when it states another number of chunks than its windows need", () => {
    expect(failureOf(openExrReader(bytes, withPart(header, { chunkCount: 41 }), shown))).toBe("picture/damaged")
  })
})
