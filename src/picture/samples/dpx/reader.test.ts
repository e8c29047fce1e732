import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { corpusBytes, hasCorpus } from "../../read/header/testing/corpus.ts"
import { hasDecoder } from "../../testing/decoder.ts"
import { largestDifference, selectedPicture, toolSamples } from "../testing/whole.ts"
import { openDpxReader } from "./reader.ts"
import { channelsOf, dpxOf, type MadePixels } from "./testing/dpx-pixels.ts"

const read = (file: Uint8Array) => selectedPicture(file, "a.dpx", openDpxReader)

/** A number that depends on both, spread over 0..2^bits - 1. */
const mixed = (seed: number, n: number, bits: number): number =>
  (Math.imul(seed ^ (n * 0x9e3779b1), 0x85ebca6b) >>> 7) & (2 ** bits - 1)

const kinds: fc.Arbitrary<Omit<MadePixels, "codeOf"> & { readonly seed: number }> = fc
  .record({
    bits: fc.constantFrom(8, 10, 12, 16),
    filling: fc.constantFrom(0, 1, 2),
    littleEndian: fc.boolean(),
    descriptor: fc.constantFrom(6, 50, 51, 52),
    width: fc.integer({ min: 1, max: 13 }),
    height: fc.integer({ min: 1, max: 7 }),
    paddingBytes: fc.constantFrom(0, 0, 4, 5),
    seed: fc.nat(),
  })
  .map((kind) => ({ ...kind, bits: kind.bits as MadePixels["bits"], filling: kind.filling as MadePixels["filling"] }))

/** Places of R, G and B in a pixel. */
const PLACES: Readonly<Record<number, readonly number[]>> = {
  6: [0, 0, 0],
  50: [0, 1, 2],
  51: [0, 1, 2],
  52: [3, 2, 1],
}

function expected({ bits, descriptor, width, height }: MadePixels, codeOf: (n: number) => number) {
  const planes = (PLACES[descriptor] ?? []).map((place) =>
    Float32Array.from(
      { length: width * height },
      (_, n) => codeOf(n * channelsOf(descriptor) + place) / (2 ** bits - 1),
    ),
  )
  return { ok: true, value: { width, height, planes } }
}

describe("a DPX", () => {
  it("gives back the samples that were written, in every packing, byte order and order of channels", () => {
    fc.assert(
      fc.property(kinds, ({ seed, ...kind }) => {
        const codeOf = (n: number) => mixed(seed, n, kind.bits)
        const made = { ...kind, codeOf }
        expect(read(dpxOf(made))).toEqual(expected(made, codeOf))
      }),
      { numRuns: 150 },
    )
  })

  it("fails typed or gives a picture, whatever bytes of it change or are missing", () => {
    const at = fc.oneof(fc.nat(2047), fc.integer({ min: 768, max: 820 }))
    const change = fc.record({ at, byte: fc.nat(255) })
    fc.assert(
      fc.property(kinds, fc.array(change, { maxLength: 5 }), fc.nat(400), ({ seed, ...kind }, changes, cut) => {
        const file = dpxOf({ ...kind, codeOf: (n) => mixed(seed, n, kind.bits) })
        for (const { at: place, byte } of changes) file[place] = byte
        const outcome = read(file.subarray(0, file.length - cut))
        expect(outcome.ok || /^picture\//.test(outcome.failure.code)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it("is damaged where it shrinks after its header was read", () => {
    const file = dpxOf({ ...SMALL, codeOf: () => 1 })
    const outcome = selectedPicture(file, "a.dpx", (bytes, header, selection) =>
      openDpxReader(
        { ...bytes, readAt: (offset, size) => bytes.readAt(offset, offset < 2048 ? size : size - 1) },
        header,
        selection,
      ),
    )
    expect(outcome).toMatchObject({ ok: false, failure: { code: "picture/damaged" } })
  })
})

const SMALL = {
  bits: 10,
  filling: 1,
  littleEndian: false,
  descriptor: 50,
  width: 6,
  height: 3,
  paddingBytes: 0,
} as const

/** oiiotool reads 10 bits as 16 with the high ones repeated, and takes padding of 12 bits for part of the sample. */
const TOLERANCE: Readonly<Record<number, number>> = { 8: 1e-7, 10: 1 / 65535, 12: 16 / 65535, 16: 1e-7 }

describe.skipIf(!hasDecoder)("a DPX has the samples that oiiotool reads (skipped where it is not installed)", () => {
  it.each<Omit<MadePixels, "codeOf" | "width" | "height">>([
    { bits: 8, filling: 0, littleEndian: false, descriptor: 51, paddingBytes: 0 },
    { bits: 8, filling: 0, littleEndian: true, descriptor: 52, paddingBytes: 8 },
    { bits: 10, filling: 0, littleEndian: false, descriptor: 50, paddingBytes: 0 },
    { bits: 10, filling: 0, littleEndian: true, descriptor: 51, paddingBytes: 0 },
    { bits: 10, filling: 1, littleEndian: false, descriptor: 50, paddingBytes: 4 },
    { bits: 10, filling: 1, littleEndian: true, descriptor: 52, paddingBytes: 0 },
    { bits: 10, filling: 1, littleEndian: false, descriptor: 6, paddingBytes: 0 },
    { bits: 10, filling: 2, littleEndian: true, descriptor: 50, paddingBytes: 0 },
    { bits: 10, filling: 2, littleEndian: false, descriptor: 6, paddingBytes: 0 },
    { bits: 12, filling: 0, littleEndian: false, descriptor: 50, paddingBytes: 0 },
    { bits: 12, filling: 1, littleEndian: true, descriptor: 50, paddingBytes: 0 },
    { bits: 12, filling: 2, littleEndian: false, descriptor: 51, paddingBytes: 0 },
    { bits: 16, filling: 0, littleEndian: false, descriptor: 6, paddingBytes: 0 },
    { bits: 16, filling: 0, littleEndian: true, descriptor: 50, paddingBytes: 0 },
  ])("of $bits bits, filling $filling, descriptor $descriptor, little-endian $littleEndian", (kind) => {
    const made: MadePixels = { ...kind, width: 9, height: 4, codeOf: (n) => mixed(77, n, kind.bits) }
    expect(differenceFromTool(dpxOf(made), kind.descriptor === 6 ? "YYY" : "RGB")).toBeLessThan(
      TOLERANCE[kind.bits] ?? 0,
    )
  })

  it.skipIf(!hasCorpus)("of the public corpus (skipped where it is absent)", () => {
    const file = corpusBytes("OpenImageIO-images/dpx/dpx_nuke_10bits_rgb.dpx")
    expect(differenceFromTool(file, "RGB")).toBeLessThan(1 / 65535)
  })
})

function differenceFromTool(file: Uint8Array, channels: string): number {
  const ours = read(file)
  return ours.ok ? largestDifference(ours.value.planes, toolSamples(file, "dpx", channels.split(""))) : Number.NaN
}
