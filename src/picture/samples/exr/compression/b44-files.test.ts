import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Result } from "../../../../events/result.ts"
import { type WholePicture, wholePicture } from "../../testing/whole.ts"
import { openLuminanceChromaReader } from "../luminance-chroma.ts"
import { headerOf, memoryBytes } from "../testing/opened.ts"
import { b44File } from "../testing/stored-files.ts"
import { differences, planesOf } from "../testing/tool-planes.ts"

function allPlanes(file: Uint8Array): readonly Float32Array[] {
  const header = headerOf(file) ?? expect.fail("the header is refused")
  const channels = header.parts[0]?.channels.map(({ name }) => name) ?? []
  return planesOf(file, header, { part: 0, channels })
}

const LIMIT_BYTES = 4 * 2 ** 20

/** The file as R, G, B; null where its header is refused. */
function picture(file: Uint8Array): Result<WholePicture> | null {
  const header = headerOf(file)
  if (header === null) return null
  const selection = { part: 0, channels: ["Y", "RY", "BY"] }
  const reader = openLuminanceChromaReader(memoryBytes(file), header, selection, { limitBytes: LIMIT_BYTES })
  return reader.ok ? wholePicture(reader.value) : reader
}

const FILES = ["smooth-b44", "flat-b44a", "narrow-b44a", "alpha-b44a", "odd-b44", "column-b44a"]

describe("a luminance and chroma EXR in B44 or B44A", () => {
  it.each(FILES)("%s has the samples that OpenEXR decodes, bit for bit", (name) => {
    const [ours, theirs] = [allPlanes(b44File(name)), allPlanes(b44File(`${name}-planes`))]
    expect(ours.length).toBeGreaterThanOrEqual(3)
    expect(differences(ours, theirs)).toEqual(ours.map(() => 0))
  })

  it.each<readonly [string, number, readonly (readonly [number, number, readonly number[]])[]]>([
    [
      "smooth-b44",
      20,
      [
        [0, 0, [0.045532, 0.021072, 0.30322]],
        [19, 0, [1.5557, 0.027618, 0.42065]],
        [11, 3, [0.55322, 0.08429, 0.41626]],
        [1, 16, [0.055298, 0.36816, 0.46411]],
        [19, 31, [1.5068, 0.71387, 0.39478]],
        [0, 32, [0.051697, 0.70996, 0.33447]],
        [10, 33, [0.46631, 0.73145, 0.47168]],
        [19, 37, [1.4941, 0.82715, 0.28418]],
      ],
    ],
    [
      "flat-b44a",
      22,
      [
        [0, 0, [0.1825, 0.17896, 0.17896]],
        [21, 0, [0.14282, 0.39429, 0.38135]],
        [12, 3, [0.10626, 0.013596, 0.11353]],
        [1, 16, [0.22717, 0.33911, 0.083069]],
        [21, 31, [1.4316, 0.46509, 0.1048]],
        [11, 33, [0, 0, 0]],
        [21, 39, [0.0043488, 0.40308, 0.10657]],
      ],
    ],
    [
      "narrow-b44a",
      2,
      [
        [1, 0, [0.1825, 0.17896, 0.17822]],
        [1, 16, [0.24414, 0.33398, 0.083496]],
        [1, 31, [0, 0, 0]],
        [0, 32, [0.17822, 0.18018, 0.17896]],
        [1, 33, [0.17688, 0.18066, 0.17798]],
      ],
    ],
  ])("%s is the R, G, B that OpenEXR makes of it", (name, width, pixels) => {
    const read = picture(b44File(name))
    if (!read?.ok) throw new Error(JSON.stringify(read))
    // OpenEXR rounds chroma to halves after each of its steps.
    for (const [x, y, theirs] of pixels)
      for (const [index, value] of theirs.entries())
        expect(Math.abs((read.value.planes[index as 0 | 1 | 2][y * width + x] ?? Number.NaN) - value)).toBeLessThan(
          0.0005 + value * 0.002,
        )
  })

  it("fails typed or gives a picture, whatever bytes of it change and wherever it ends", () => {
    const at = fc.double({ min: 0, max: 0.999, noNaN: true })
    const changes = fc.array(fc.record({ at, byte: fc.nat(255) }), { maxLength: 4 })
    const kept = fc.oneof(fc.constant(1), fc.double({ min: 0.3, max: 1, noNaN: true }))
    const files = FILES.map(b44File)
    fc.assert(
      fc.property(fc.constantFrom(...files), changes, kept, (file, bytes, share) => {
        const changed = file.slice(0, Math.ceil(file.length * share))
        for (const { at: place, byte } of bytes) changed[Math.floor(place * changed.length)] = byte
        const outcome = picture(changed)
        expect(outcome === null || outcome.ok || outcome.failure.code.startsWith("picture/")).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})
