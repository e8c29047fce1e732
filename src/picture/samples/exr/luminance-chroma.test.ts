import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Result } from "../../../events/result.ts"
import { corpusBytes, hasCorpus } from "../../read/header/testing/corpus.ts"
import type { RowRange, SampleReader } from "../index.ts"
import { type WholePicture, wholePicture } from "../testing/whole.ts"
import { openLuminanceChromaReader } from "./luminance-chroma.ts"
import { openExrReader } from "./reader.ts"
import { headerOf, memoryBytes } from "./testing/opened.ts"
import { dwaFile } from "./testing/stored-files.ts"
import { type WrittenChannel, writtenExr } from "./testing/written-exr.ts"

const CHANNELS = ["Y", "RY", "BY"]

function opened(file: Uint8Array, open = openLuminanceChromaReader, channels = CHANNELS): Result<SampleReader> | null {
  const header = headerOf(file)
  return header === null ? null : open(memoryBytes(file), header, { part: 0, channels })
}

function picture(file: Uint8Array, open = openLuminanceChromaReader, channels = CHANNELS): WholePicture {
  const reader = opened(file, open, channels)
  const whole = reader?.ok ? wholePicture(reader.value) : reader
  if (!whole?.ok) throw new Error(JSON.stringify(whole))
  return whole.value
}

type Made = {
  readonly width: number
  readonly height: number
  readonly xSampling: number
  readonly ySampling: number
  readonly yMin: number
  readonly compression: string
  /** Luminance, RY and BY of the n-th sample of its channel. */
  readonly sampleOf: (channel: number, n: number) => number
}

/** An EXR of 32-bit Y, RY and BY. */
function chromaExr({ width, height, xSampling, ySampling, yMin, compression, sampleOf }: Made): Uint8Array {
  const channels = ["BY", "RY", "Y"].map((name, index): WrittenChannel => {
    const isLuma = name === "Y"
    const [columns, rows] = isLuma ? [width, height] : [width / xSampling, height / ySampling]
    const floats = Float32Array.from({ length: columns * rows }, (_, n) => sampleOf(2 - index, n))
    const samples = new Uint32Array(floats.buffer)
    return { name, pixelType: "float", xSampling: isLuma ? 1 : xSampling, ySampling: isLuma ? 1 : ySampling, samples }
  })
  const dataWindow = { xMin: 0, yMin, xMax: width - 1, yMax: yMin + height - 1 }
  const parts = [{ channels, dataWindow, compression, tiles: null }]
  return writtenExr({ parts, isMultiPart: false, order: (count) => Array.from({ length: count }, (_, index) => index) })
}

const shapes: fc.Arbitrary<Omit<Made, "sampleOf">> = fc
  .record({
    columns: fc.integer({ min: 1, max: 20 }),
    rows: fc.integer({ min: 1, max: 30 }),
    xSampling: fc.constantFrom(1, 2),
    ySampling: fc.constantFrom(1, 2),
    yMin: fc.constantFrom(-8, 0, 6),
    compression: fc.constantFrom("none", "zip", "piz"),
  })
  .map(({ columns, rows, ...rest }) => ({ ...rest, width: columns * rest.xSampling, height: rows * rest.ySampling }))

const wave = (seed: number, n: number): number => Math.sin(seed + n * 1.7) ** 2

describe("a luminance and chroma EXR", () => {
  it("without chroma is exactly grey", () => {
    fc.assert(
      fc.property(shapes, fc.nat(), (shape, seed) => {
        const made = { ...shape, sampleOf: (channel: number, n: number) => (channel === 0 ? wave(seed, n) : 0) }
        const { planes } = picture(chromaExr(made))
        const luma = Float32Array.from({ length: shape.width * shape.height }, (_, n) => wave(seed, n))
        expect(planes).toEqual([luma, luma, luma])
      }),
      { numRuns: 60 },
    )
  })

  it("of one chroma all over is that colour all over, to its edges", () => {
    fc.assert(
      fc.property(shapes, fc.nat(), (shape, seed) => {
        const made = {
          ...shape,
          sampleOf: (channel: number, n: number) => [1 + wave(seed, n), 0.25, -0.5][channel] ?? 0,
        }
        const { width, height, planes } = picture(chromaExr(made))
        for (let n = 0; n < width * height; n++) {
          const luma = 1 + wave(seed, n)
          expect(planes[0][n]).toBeCloseTo(luma * 1.25, 4)
          expect(planes[2][n]).toBeCloseTo(luma * 0.5, 4)
          expect(
            (planes[0][n] ?? 0) * 0.2126 + (planes[1][n] ?? 0) * 0.7152 + (planes[2][n] ?? 0) * 0.0722,
          ).toBeCloseTo(luma, 3)
        }
      }),
      { numRuns: 60 },
    )
  })

  it("gives any range of rows as it gives the whole", () => {
    const row = fc.double({ min: 0, max: 0.999, noNaN: true })
    fc.assert(
      fc.property(shapes, fc.nat(), row, row, (shape, seed, a, b) => {
        const sampleOf = (channel: number, n: number) => (channel === 0 ? 1 : 1.5 * wave(seed + channel, n) - 0.5)
        const file = chromaExr({ ...shape, sampleOf })
        const rows = [a, b].map((part) => Math.floor(part * shape.height)).sort((x, y) => x - y)
        const range = { first: rows[0] ?? 0, last: rows[1] ?? 0 }
        const whole = picture(file)
        expect(rowsOf(file, range)).toEqual(
          whole.planes.map((plane) => plane.slice(range.first * whole.width, (range.last + 1) * whole.width)),
        )
      }),
      { numRuns: 60 },
    )
  })

  it("has a pixel much more saturated than its neighbours pulled back, its luminance kept", () => {
    const sampleOf = (channel: number, n: number): number => (channel === 0 ? 1 : n === 12 ? 2 : 0)
    const file = chromaExr({ width: 5, height: 5, xSampling: 1, ySampling: 1, yMin: 0, compression: "none", sampleOf })
    const { planes } = picture(file)
    const [r, g, b] = [planes[0][12] ?? 0, planes[1][12] ?? 0, planes[2][12] ?? 0]
    expect(r * 0.2126 + g * 0.7152 + b * 0.0722).toBeCloseTo(1, 3)
    expect(1 - Math.min(r, g, b) / Math.max(r, g, b)).toBeCloseTo(0.75, 3)
  })

  it("of other samplings is refused", () => {
    const made = { width: 8, height: 8, yMin: 0, compression: "none", sampleOf: () => 1 }
    for (const [xSampling, ySampling] of [
      [4, 4],
      [2, 4],
      [1, 8],
    ] as const)
      expect(opened(chromaExr({ ...made, xSampling, ySampling }))).toMatchObject({
        failure: { code: "picture/unsupported", says: expect.stringContaining(`RY ${xSampling}x${ySampling}`) },
      })
  })

  it("fails typed or gives a picture, whatever bytes of it change", () => {
    const sampleOf = (channel: number, n: number) => wave(channel, n)
    const shape = { width: 20, height: 70, xSampling: 2, ySampling: 2, yMin: 0, sampleOf }
    const files = [...["zip", "piz"].map((compression) => chromaExr({ ...shape, compression })), dwaFile("tall-dwab")]
    const at = fc.double({ min: 0, max: 0.999, noNaN: true })
    const changes = fc.array(fc.record({ at, byte: fc.nat(255) }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(fc.constantFrom(...files), changes, (file, bytes) => {
        const changed = file.slice()
        for (const { at: place, byte } of bytes) changed[Math.floor(place * file.length)] = byte
        const reader = opened(changed)
        const outcome = reader?.ok ? wholePicture(reader.value) : reader
        expect(outcome === null || outcome.ok || outcome.failure.code.startsWith("picture/")).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})

function rowsOf(file: Uint8Array, range: RowRange): readonly Float32Array[] {
  const reader = opened(file)
  const kept: number[][] = [[], [], []]
  const read = reader?.ok
    ? reader.value.readRows(range, (_, samples) => {
        for (const [index, plane] of samples.entries()) kept[index]?.push(...plane)
      })
    : reader
  return read?.ok ? kept.map((plane) => Float32Array.from(plane)) : []
}

describe.skipIf(!hasCorpus)("public luminance and chroma EXRs (skipped where the corpus is absent)", () => {
  it.each(["Rec709", "XYZ"])(
    "%s_YC is at least 36 dB near its RGB original in the sRGB curve, at full resolution",
    (name) => {
      const file = (suffix: string) => corpusBytes(`openexr-images/Chromaticities/${name}${suffix}.exr`)
      const [chroma, original] = [picture(file("_YC")), picture(file(""), openExrReader, ["R", "G", "B"])]
      expect(psnr(chroma, original)).toBeGreaterThan(36)
    },
  )
})

function psnr(a: WholePicture, b: WholePicture): number {
  const squares = a.planes.flatMap((plane, index) =>
    Array.from(plane, (value, at) => (srgb(value) - srgb(b.planes[index as 0 | 1 | 2][at] ?? 0)) ** 2),
  )
  return -10 * Math.log10(squares.reduce((sum, square) => sum + square, 0) / squares.length)
}

function srgb(value: number): number {
  const light = Math.min(1, Math.max(0, value))
  return light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055
}
