import { describe, expect, it } from "vitest"
import { claimProblem, costOf, limitsFor } from "./cost.ts"
import { firstBytes } from "./read/header/bytes.ts"
import { DEFAULT_LIMITS } from "./read/header/limits.ts"
import type { HeaderPart } from "./read/header/model.ts"
import { readHeader } from "./read/header/read.ts"
import { tiffFile } from "./read/header/testing/tiff-file.ts"
import { failureOf } from "./testing/readings.ts"

const LIMITS = { timeoutMs: 300_000, memoryLimitBytes: 2 ** 32 }

const secondsFor = (width: number, height: number, sourceBytes: number, timeoutMs = 300_000): number => {
  const dataWindow = { xMin: 0, yMin: 0, xMax: width - 1, yMax: height - 1 }
  return limitsFor({ ...LIMITS, timeoutMs }, costOf({ dataWindow }, sourceBytes)).timeoutMs / 1000
}

describe("the time of a picture", () => {
  it("is in proportion to its pixels and its bytes, up to the time limit", () => {
    expect(secondsFor(64, 64, 10_000)).toBe(30.007)
    expect(secondsFor(4096, 2160, 50 * 2 ** 20)).toBeCloseTo(51.3, 1)
    expect(secondsFor(20_000, 14_000, 816_592)).toBe(300)
    expect(secondsFor(64, 64, 2 ** 32)).toBe(300)
  })

  it("grows with the setting, so that whoever raises it gives every picture more", () => {
    expect(secondsFor(4096, 2160, 50 * 2 ** 20, 900_000)).toBeCloseTo(154, 0)
  })

  it("is never more than the setting, nor cut below half a minute where that allows it", () => {
    expect(secondsFor(64, 64, 10_000, 5_000)).toBe(5)
    expect(secondsFor(64, 64, 10_000, 60_000)).toBe(30)
  })
})

/** A TIFF of one strip for each row, or as the tags say. */
const tiff = (width: number, height: number, with_: { compression: number; bits?: number; bytes?: number }) =>
  tiffFile({
    directories: [
      {
        tags: [
          [256, 4, [width]],
          [257, 4, [height]],
          [258, 3, Array(3).fill(with_.bits ?? 8)],
          [259, 3, [with_.compression]],
          [262, 3, [2]],
          [277, 3, [3]],
        ],
        pixels: new Uint8Array(with_.bytes ?? 4),
      },
    ],
  })

const partOf = (bytes: Uint8Array): HeaderPart => {
  const header = readHeader(firstBytes(bytes, bytes.length), "a.tif", DEFAULT_LIMITS)
  if (header.kind !== "read" || header.value.parts[0] === undefined) throw new Error("no header")
  return header.value.parts[0]
}

const DEFLATE = 8
const codeOf = (bytes: Uint8Array, fileSizeBytes: number) =>
  claimProblem(partOf(bytes), fileSizeBytes, DEFAULT_LIMITS)?.code ?? null

describe("a claim of many pixels", () => {
  it("is believed of a flat picture, however well it compresses", () => {
    expect(codeOf(tiff(20_000, 14_000, { compression: DEFLATE }), 816_592)).toBeNull()
    expect(codeOf(tiff(8_192, 4_320, { compression: DEFLATE, bits: 16 }), 210_000)).toBeNull()
    expect(codeOf(tiff(8_192, 4_320, { compression: 5 }), 60_000)).toBeNull()
  })

  it("is not believed where no compressor could have written it, such as of strips that all point at the same bytes", () => {
    expect(codeOf(tiff(20_000, 14_000, { compression: DEFLATE }), 400_000)).toBe("picture/damaged")
    expect(codeOf(tiff(20_000, 14_000, { compression: 1 }), 800_000_000)).toBe("picture/damaged")
    expect(codeOf(tiff(20_000, 14_000, { compression: 32_773 }), 1_000_000)).toBe("picture/damaged")
  })

  it("is not asked for where it could not hurt, and not of compressions without such a bound", () => {
    expect(codeOf(tiff(64, 64, { compression: DEFLATE }), 10)).toBeNull()
    expect(codeOf(tiff(20_000, 14_000, { compression: 50_000 }), 1_000)).toBeNull()
  })

  it("fails its picture before any decoder starts", () => {
    expect(failureOf(tiff(20_000, 14_000, { compression: DEFLATE, bytes: 1_000 }), "a.tif")).toMatchObject({
      code: "picture/damaged",
      says: expect.stringContaining("needs at least 813954 bytes"),
    })
  })
})
