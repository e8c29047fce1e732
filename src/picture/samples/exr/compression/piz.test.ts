import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Channel } from "../../../../events/records.generated.ts"
import { hasDecoder } from "../../../testing/decoder.ts"
import { type ChunkLayout, chunkLayout } from "../chunks/layout.ts"
import { headerOf } from "../testing/opened.ts"
import { pizChunk } from "../testing/piz-writer.ts"
import { differences, planesOf } from "../testing/tool-planes.ts"
import { decompressPiz } from "./piz.ts"

const OIIOTOOL = fileURLToPath(new URL("../../../../../vendor/OpenImageIO/bin/oiiotool", import.meta.url))

const channel = fc.record({
  pixelType: fc.constantFrom("half", "float", "uint"),
  xSampling: fc.constantFrom(1, 1, 2),
  ySampling: fc.constantFrom(1, 1, 2, 3),
})

/** Layouts of chunks of up to 41x37 pixels at any place, with one to four channels. */
const layouts: fc.Arbitrary<ChunkLayout> = fc
  .record({
    channels: fc.array(channel, { minLength: 1, maxLength: 4 }),
    xMin: fc.integer({ min: -50, max: 50 }),
    yMin: fc.integer({ min: -50, max: 50 }),
    width: fc.integer({ min: 1, max: 41 }),
    height: fc.integer({ min: 1, max: 37 }),
  })
  .map(({ channels, xMin, yMin, width, height }) => {
    const named = channels.map((one, index): Channel => ({ ...one, name: `c${index}`, perceptuallyLinear: false }))
    return chunkLayout(named, { xMin, yMin, xMax: xMin + width - 1, yMax: yMin + height - 1 })
  })

/** Pixels of a layout: `kinds` different words, in runs of up to `run`. */
function pixelsOf(layout: ChunkLayout, seed: number, kinds: number, run: number): Uint16Array {
  let state = seed
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const words = Array.from({ length: kinds }, () => random(65536))
  const pixels = new Uint16Array(layout.sizeBytes / 2)
  for (let at = 0; at < pixels.length; ) {
    const end = at + 1 + random(run)
    pixels.fill(words[random(kinds)] ?? 0, at, end)
    at = end
  }
  return pixels
}

const wordsOf = (bytes: Uint8Array): Uint16Array => new Uint16Array(bytes.slice().buffer)

describe("a PIZ chunk", () => {
  it("gives back the pixels that were written, of any type, sampling and place", () => {
    const parameters = [layouts, fc.nat(), fc.integer({ min: 1, max: 3000 }), fc.constantFrom(1, 3, 900)] as const
    fc.assert(
      fc.property(...parameters, (layout, seed, kinds, run) => {
        const pixels = pixelsOf(layout, seed, kinds, run)
        const unpacked = decompressPiz(pizChunk(layout, pixels), layout)
        expect(unpacked === null ? null : wordsOf(unpacked)).toEqual(pixels)
      }),
      { numRuns: 150 },
    )
  })

  it("gives back words whose codes are up to 58 bits long", () => {
    const layout = chunkLayout([half("Y")], { xMin: 0, yMin: 0, xMax: 511, yMax: 0 })
    for (const kinds of [2, 14, 15, 20, 32, 33, 57]) {
      const pixels = pixelsOf(layout, kinds, kinds, 2)
      const unpacked = decompressPiz(pizChunk(layout, pixels, "chain"), layout)
      expect(unpacked === null ? null : wordsOf(unpacked)).toEqual(pixels)
    }
  })

  it("gives back pixels of more than 16384 different words, which are stored in another way", () => {
    const layout = chunkLayout([half("B"), half("G")], { xMin: -3, yMin: 5, xMax: 331, yMax: 36 })
    const pixels = Uint16Array.from({ length: layout.sizeBytes / 2 }, (_, index) => (index * 40503) & 0xffff)
    const unpacked = decompressPiz(pizChunk(layout, pixels), layout)
    expect(unpacked === null ? null : wordsOf(unpacked)).toEqual(pixels)
  })

  it("is refused or unpacked to its size whatever its bytes are", () => {
    const parameters = [layouts, fc.nat(), mutations(), fc.double({ min: 0, max: 1, noNaN: true })] as const
    fc.assert(
      fc.property(...parameters, (layout, seed, changes, kept) => {
        const chunk = pizChunk(layout, pixelsOf(layout, seed, 50, 3))
        for (const { at, byte } of changes) chunk[Math.floor(at * chunk.length)] = byte
        for (const bytes of [chunk, chunk.slice(0, Math.ceil(chunk.length * kept))])
          expect(decompressPiz(bytes, layout)?.length ?? layout.sizeBytes).toBe(layout.sizeBytes)
      }),
      { numRuns: 300 },
    )
    fc.assert(
      fc.property(layouts, fc.uint8Array({ maxLength: 200 }), (layout, bytes) => {
        expect(decompressPiz(bytes, layout)?.length ?? layout.sizeBytes).toBe(layout.sizeBytes)
      }),
    )
  })

  it("is refused where it ends early or goes on behind its pixels", () => {
    const layout = chunkLayout([half("Y")], { xMin: 0, yMin: 0, xMax: 40, yMax: 20 })
    const chunk = pizChunk(layout, pixelsOf(layout, 1, 200, 1))
    expect(decompressPiz(chunk, layout)).not.toBeNull()
    expect(decompressPiz(chunk.subarray(0, chunk.length - 1), layout)).toBeNull()
    const shorter = chunkLayout([half("Y")], { xMin: 0, yMin: 0, xMax: 39, yMax: 20 })
    const longer = chunkLayout([half("Y")], { xMin: 0, yMin: 0, xMax: 41, yMax: 20 })
    expect([decompressPiz(chunk, shorter), decompressPiz(chunk, longer)]).toEqual([null, null])
  })
})

describe.skipIf(!hasDecoder)("a PIZ file that oiiotool wrote (skipped where it is not installed)", () => {
  it.each(["half", "float", "uint32"])("has the samples of the picture it was written from, as %s", (type) => {
    const folder = mkdtempSync(join(tmpdir(), "piz-"))
    try {
      const noise = ["--pattern", "noise:type=uniform:min=-1:max=2:seed=3", "71x75", "3", "-d", type]
      const [piz, plain] = ["piz", "none"].map((name) => {
        const path = join(folder, `${name}.exr`)
        expect(spawnSync(OIIOTOOL, [...noise, "--compression", name, "-o", path], { timeout: 60_000 }).status).toBe(0)
        return readFileSync(path)
      })
      const [ours, written] = [allPlanes(piz), allPlanes(plain)]
      expect(ours[0]?.length).toBe(71 * 75)
      expect(differences(ours, written)).toEqual([0, 0, 0])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

function allPlanes(file: Uint8Array | undefined): readonly Float32Array[] {
  const header = file === undefined ? null : headerOf(file)
  return file === undefined || header === null ? [] : planesOf(file, header, { part: 0, channels: ["R", "G", "B"] })
}

function half(name: string): Channel {
  return { name, pixelType: "half", xSampling: 1, ySampling: 1, perceptuallyLinear: false }
}

/** Bytes to overwrite; `at` is the place as a fraction of the whole. */
function mutations(): fc.Arbitrary<readonly { readonly at: number; readonly byte: number }[]> {
  const at = fc.oneof(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.double({ min: 0, max: 0.05, noNaN: true }))
  return fc.array(fc.record({ at, byte: fc.nat(255) }), { minLength: 1, maxLength: 4 })
}
