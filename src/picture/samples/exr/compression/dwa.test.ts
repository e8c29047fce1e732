import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { deflateSync } from "node:zlib"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { hasDecoder } from "../../../testing/decoder.ts"
import { wholePicture } from "../../testing/whole.ts"
import { openLuminanceChromaReader } from "../luminance-chroma.ts"
import { packedChunk } from "../testing/exr-chunks.ts"
import { headerOf, memoryBytes } from "../testing/opened.ts"
import { dwaFile } from "../testing/stored-files.ts"
import { differences, planesOf, toolPlanes } from "../testing/tool-planes.ts"
import { decompressDwa } from "./dwa.ts"
import { unpackHuffman } from "./piz-huffman.ts"

const OIIOTOOL = fileURLToPath(new URL("../../../../../vendor/OpenImageIO/bin/oiiotool", import.meta.url))
const NAMES = ["odd-dwaa", "tall-dwab", "narrow-dwab", "column-dwab", "float-alpha-depth-dwaa"]

/** Counters of a chunk, by their place. */
const [VERSION, PLAIN_PACKED, AC_PACKED, DC_PACKED, AC_COUNT, AC_CODING] = [0, 2, 3, 4, 8, 10] as const
const COUNTERS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const
const COUNTERS_BYTES = 88

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

const counter = (chunk: Uint8Array, index: number): number => Number(viewOf(chunk).getBigUint64(index * 8, true))

function withCounters(chunk: Uint8Array, changes: Readonly<Record<number, number | bigint>>): Uint8Array {
  const changed = chunk.slice()
  for (const [index, value] of Object.entries(changes))
    viewOf(changed).setBigUint64(Number(index) * 8, BigInt(value), true)
  return changed
}

/** Bytes of the rules that stand behind the counters. */
const rulesBytes = (chunk: Uint8Array): number => viewOf(chunk).getUint16(COUNTERS_BYTES, true)

function allPlanes(file: Uint8Array): readonly Float32Array[] {
  const header = headerOf(file)
  const channels = header?.parts[0]?.channels.map(({ name }) => name) ?? []
  return header === null ? [] : planesOf(file, header, { part: 0, channels })
}

function picturePlanes(file: Uint8Array): readonly Float32Array[] {
  const header = headerOf(file) ?? expect.fail()
  const reader = openLuminanceChromaReader(memoryBytes(file), header, { part: 0, channels: ["Y", "RY", "BY"] })
  const whole = reader.ok ? wholePicture(reader.value) : reader
  return whole.ok ? whole.value.planes : expect.fail(whole.failure.says)
}

describe("luminance and chroma in DWA", () => {
  it.each(NAMES)("%s has the numbers that OpenEXR reads, to the bit", (name) => {
    const ours = allPlanes(dwaFile(name))
    expect(ours.length).toBeGreaterThan(2)
    const theirs = allPlanes(dwaFile(`${name}-planes`))
    expect(differences(ours, theirs)).toEqual(ours.map(() => 0))
  })

  it.each(NAMES)("%s is the picture that the same samples are in ZIP", (name) => {
    const [ours, theirs] = [name, `${name}-planes`].map((file) => picturePlanes(dwaFile(file)))
    expect(ours?.length).toBe(3)
    expect(ours).toEqual(theirs)
  })
})

describe("a DWA chunk", () => {
  const { packed, layout } = packedChunk(dwaFile("float-alpha-depth-dwaa"), 0)
  const samples = decompressDwa(packed, layout)

  it("has the same samples by the rules of older versions, which it does not hold", () => {
    const older = new Uint8Array([
      ...packed.subarray(0, COUNTERS_BYTES),
      ...packed.subarray(COUNTERS_BYTES + rulesBytes(packed)),
    ])
    for (const version of [0, 1])
      expect(decompressDwa(withCounters(older, { [VERSION]: version }), layout)).toEqual(samples)
    expect(decompressDwa(withCounters(packed, { [VERSION]: 3 }), layout)).toBeNull()
  })

  it("has the same samples where its coefficients are packed by zlib", () => {
    const from = COUNTERS_BYTES + rulesBytes(packed) + counter(packed, PLAIN_PACKED)
    const end = from + counter(packed, AC_PACKED)
    const size = counter(packed, AC_COUNT)
    const words = new Uint16Array(size + 4)
    expect(unpackHuffman(packed.subarray(from, end), { words, size })).toBe(true)
    const deflated = deflateSync(new Uint8Array(words.buffer, 0, size * 2))
    const bytes = new Uint8Array([...packed.subarray(0, from), ...deflated, ...packed.subarray(end)])
    const rewritten = withCounters(bytes, { [AC_PACKED]: deflated.length, [AC_CODING]: 1 })
    expect(decompressDwa(rewritten, layout)).toEqual(samples)
    expect(decompressDwa(withCounters(rewritten, { [AC_CODING]: 2 }), layout)).toBeNull()
  })

  it("is refused where a counter says more or fewer than there is, however many", () => {
    expect(samples?.length).toBe(layout.sizeBytes)
    const counted = COUNTERS.filter((index) => index !== VERSION && index !== AC_CODING)
    for (const index of counted)
      for (const value of [counter(packed, index) - 1, 2n ** 40n, 2n ** 63n, 2n ** 64n - 1n])
        expect(decompressDwa(withCounters(packed, { [index]: value }), layout), `counter ${index}: ${value}`).toBeNull()
  })

  it("is refused wherever it is cut off", () => {
    for (let length = 0; length < packed.length; length += 7)
      expect(decompressDwa(packed.subarray(0, length), layout)).toBeNull()
  })

  it("is refused where rules that it holds pack integers as cosines", () => {
    const channels = layout.channels.map((channel) => ({ ...channel, pixelType: "uint", sampleBytes: 4 as const }))
    const sizeBytes = channels.reduce((sum, { columns, rows }) => sum + columns * rows * 4, 0)
    const changed = packed.slice()
    const rules = changed.subarray(COUNTERS_BYTES + 2, COUNTERS_BYTES + rulesBytes(packed))
    for (let at = 0; at < rules.length; at = rules.indexOf(0, at) + 3) rules[rules.indexOf(0, at) + 2] = 0
    expect(decompressDwa(changed, { ...layout, channels, sizeBytes })).toBeNull()
  })

  it("is refused or unpacked to its size whatever its bytes are", () => {
    const place = fc.oneof(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.double({ min: 0, max: 0.1, noNaN: true }))
    const changes = fc.array(fc.record({ place, byte: fc.nat(255) }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(changes, (edits) => {
        const changed = packed.slice()
        for (const { place: share, byte } of edits) changed[Math.floor(share * changed.length)] = byte
        expect(decompressDwa(changed, layout)?.length ?? layout.sizeBytes).toBe(layout.sizeBytes)
      }),
      { numRuns: 300 },
    )
  })

  it("is refused where its blocks are fewer than its channels have", () => {
    const taller = layout.channels.map((channel) => ({ ...channel, rows: channel.rows + 8 }))
    expect(decompressDwa(packed, { ...layout, channels: taller, rows: layout.rows + 16 })).toBeNull()
    expect(counter(packed, DC_PACKED)).toBeGreaterThan(0)
  })
})

describe.skipIf(!hasDecoder)("a DWA file that oiiotool wrote (skipped where it is not installed)", () => {
  const noise = ["--pattern", "noise:type=uniform:min=-0.2:max=2:seed=3", "71x75"]
  const ramp = ["--pattern", "fill:topleft=0,0.5,0:topright=1,0,3:bottomleft=0,0,0.2:bottomright=9,1,0", "40x300"]

  it.each<readonly [string, readonly string[]]>([
    ["R, G, B as dwaa", [...noise, "3", "-d", "half", "--compression", "dwaa"]],
    ["R, G, B as dwab, strongly compressed", [...ramp, "3", "-d", "half", "--compression", "dwab:400"]],
    ["R, G, B of floats", [...noise, "3", "-d", "float", "--compression", "dwaa"]],
    ["R, G, B, A", [...noise, "4", "-d", "half", "--compression", "dwab"]],
    ["grey", [...noise, "1", "--chnames", "Y", "-d", "half", "--compression", "dwaa"]],
    [
      "R, G, B of a layer beside depth",
      [...noise, "4", "--chnames", "l.R,l.G,l.B,Z", "-d", "half", "--compression", "dwaa"],
    ],
  ])("has the samples that oiiotool reads: %s", (_, how) => {
    const folder = mkdtempSync(join(tmpdir(), "dwa-"))
    try {
      const path = join(folder, "a.exr")
      expect(spawnSync(OIIOTOOL, [...how, "-o", path], { timeout: 60_000 }).status).toBe(0)
      const file = new Uint8Array(readFileSync(path))
      const channels = headerOf(file)?.parts[0]?.channels.map(({ name }) => name) ?? []
      const ours = allPlanes(file)
      expect(ours[0]?.length).toBeGreaterThan(5000)
      expect(differences(ours, toolPlanes(path, { part: 0, channels }))).toEqual(channels.map(() => 0))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
