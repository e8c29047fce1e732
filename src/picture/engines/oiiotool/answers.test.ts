import { describe, expect, it } from "vitest"
import { hasLight, nonFiniteSamples, parseStats, readWrittenTiff } from "./answers.ts"

/** A little-endian TIFF with one strip of 16-bit RGB. */
function tiff(pixels: readonly number[], extra: readonly (readonly [tag: number, value: number])[] = []): Buffer {
  const entries = [[256, 2], [257, 1], [258, 16], [259, 1], [273, 200], [277, 3], [279, pixels.length * 2], ...extra]
  const bytes = Buffer.alloc(200 + pixels.length * 2)
  bytes.write("II*\0", 0, "latin1")
  bytes.writeUInt32LE(8, 4)
  bytes.writeUInt16LE(entries.length, 8)
  entries.forEach(([tag = 0, value = 0], index) => {
    const at = 10 + index * 12
    bytes.writeUInt16LE(tag, at)
    bytes.writeUInt16LE(3, at + 2)
    bytes.writeUInt32LE(1, at + 4)
    bytes.writeUInt16LE(value, at + 8)
  })
  for (const [index, value] of pixels.entries()) bytes.writeUInt16LE(value, 200 + 2 * index)
  return bytes
}

describe("the intermediate picture", () => {
  it("is black when all that 8 bits would show is 0", () => {
    const darkest = { width: 2, height: 1, allBlack: true, nearlyBlack: true }
    expect(readWrittenTiff(tiff([0, 0, 128, 0, 0, 0]))).toEqual(darkest)
    expect(readWrittenTiff(tiff([0, 0, 0, 0, 0, 129]))).toMatchObject({ allBlack: false, nearlyBlack: true })
    expect(readWrittenTiff(tiff([0, 0, 0, 0, 0, 17 * 257]))).toMatchObject({ nearlyBlack: false })
  })

  it("is believed only as whole strips: tiled, compressed or cut short it is refused", () => {
    expect(readWrittenTiff(tiff([0, 0, 0, 0, 0, 0], [[322, 64]]))).toBeNull()
    expect(readWrittenTiff(tiff([0, 0, 0, 0, 0, 0]).subarray(0, 208))).toBeNull()
    expect(readWrittenTiff(Buffer.alloc(0))).toBeNull()
  })
})

describe("oiiotool's statistics", () => {
  const text = [
    "1920 x 1080, 3 channel, float openexr",
    "    Stats Min: 0.0 0.0 0.0 (float)",
    "    Stats Max: 1011.8 0.5 inf (float)",
    "    Stats Avg: 27.5 0.1 0.2 (float)",
    "    Stats NanCount: 18 2 0 ",
    "    Stats InfCount: 36 4 1 ",
  ].join("\n")

  it("count non-finite samples, those of a grey picture's one channel once", () => {
    const stats = parseStats(text)
    expect(stats && nonFiniteSamples(stats, ["R", "G", "B"])).toBe(61)
    expect(stats && nonFiniteSamples(stats, ["Y", "Y", "Y"])).toBe(54)
  })

  it("tell light from darkness and stray pixels", () => {
    const stats = { max: [0.5, 0, 0], average: [0.01, 0, 0], nonFinite: [0, 0, 0] }
    expect(hasLight(stats)).toBe(true)
    expect(hasLight({ ...stats, max: [0.01, 0, 0] })).toBe(false)
    expect(hasLight({ ...stats, average: [1e-6, 0, 0] })).toBe(false)
  })

  it("are null when there are none", () => expect(parseStats("oiiotool says nothing")).toBeNull())
})
