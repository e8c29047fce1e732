import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { inspectHeader } from "./inspect/inspector.ts"
import { PROFILES } from "./read/colour/testing/known-profiles.ts"
import { type FileBytes, type HeaderOutcome, withExtent } from "./read/header/bytes.ts"
import { DEFAULT_LIMITS } from "./read/header/limits.ts"
import { nextSpan } from "./read/header/read.ts"
import { decideReading } from "./read/reading.ts"
import {
  cineonFile,
  plane,
  psdFile,
  radianceFile,
  tgaFile,
  tgaPixels,
  webpWithProfile,
} from "./testing/more-still-files.ts"
import { PATTERN_LIGHT } from "./testing/pattern.ts"
import { patternSamples, pngFile, pngNumbers, pngProfile, vips } from "./testing/still-files.ts"

const SIZ =
  "ff4fff51002f0000000000400000004000000000000000000000004000000040000000000000000000030701010701010701 01".replace(
    " ",
    "",
  )
const codestream = Buffer.concat([Buffer.from(SIZ, "hex"), Buffer.alloc(64)])
const box = (type: string, data: Uint8Array): Buffer => {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(data.length + 8)
  head.write(type, 4, "latin1")
  return Buffer.concat([head, data])
}
const colours = box("colr", Uint8Array.of(2, 0, 0, ...PROFILES.adobe))
const jp2 = Buffer.concat([
  box("jP  ", Buffer.from("0d0a870a", "hex")),
  box("jp2h", Buffer.concat([box("ihdr", new Uint8Array(14)), colours])),
  box("jp2c", codestream),
])
const planes = [0, 1, 2].map((channel) => plane(channel))

const HEADERS: Readonly<Record<string, Buffer>> = {
  "a.png": pngFile([pngProfile(PROFILES.adobe), pngNumbers("gAMA", 45_455), pngNumbers("pHYs", 1, 1)]),
  "a.jpg": await vips(patternSamples()).jpeg().withMetadata({ orientation: 6 }).toBuffer(),
  "a.webp": webpWithProfile(await vips(patternSamples()).webp({ lossless: true }).toBuffer(), PROFILES.adobe),
  "a.tga": tgaFile(tgaPixels()),
  "a.hdr": radianceFile(PATTERN_LIGHT, { lines: "EXPOSURE=2\nPRIMARIES=0.7 0.3 0.2 0.7 0.1 0.1 0.3 0.3\n" }),
  "a.cin": cineonFile([[445, 445, 445]]),
  "a.psd": psdFile({ planes, profile: PROFILES.adobe }),
  "a.jp2": jp2,
  "a.j2k": codestream,
}

const request = {
  statedSpace: null,
  colour: { inputSpace: null, look: "un-tone-mapped", cameraTokens: true },
  configHash: "0",
}

/** Reads as a ranged reader does; the file may claim to be larger than it is. */
function inSteps(bytes: Uint8Array, fileSizeBytes: number, read: (file: FileBytes) => HeaderOutcome<unknown>): string {
  const have = (offset: number, lengthBytes: number): Uint8Array => {
    const piece = new Uint8Array(lengthBytes)
    piece.set(bytes.subarray(offset, offset + lengthBytes))
    return piece
  }
  let file: FileBytes = { fileSizeBytes, extents: [{ offset: 0, bytes: have(0, Math.min(64, fileSizeBytes)) }] }
  for (let round = 0; round < 1000; round += 1) {
    const outcome = read(file)
    if (outcome.kind === "failed") return outcome.failure.code
    if (outcome.kind === "read") return "read"
    const next = nextSpan(file, outcome.need, limits)
    if (next === null) return "picture/over-limit"
    file = withExtent(file, { offset: next.offset, bytes: have(next.offset, next.lengthBytes) })
  }
  return "never ends"
}

const limits = { ...DEFAULT_LIMITS, headerBytes: 256 * 1024 }
const shown = (bytes: Uint8Array, key: string, size = bytes.length): string =>
  inSteps(bytes, size, (file) => decideReading(file, { ...request, key, limits }))
const told = (bytes: Uint8Array, key: string, size = bytes.length): string =>
  inSteps(bytes, size, (file) => inspectHeader(file, { key, limits }))

const ENDS = /^(read|picture\/[a-z-]+)$/
const mutation = fc.record({ at: fc.nat(1_000_000), byte: fc.constantFrom(0, 1, 2, 127, 128, 254, 255) })

describe("a header of another format", () => {
  it.each(Object.keys(HEADERS))(
    "of %s that is mutated ends as a reading or a typed failure, and so does its inspection",
    (key) => {
      const bytes = HEADERS[key] ?? Buffer.alloc(0)
      expect([shown(bytes, key), told(bytes, key)]).toEqual(["read", "read"])
      fc.assert(
        fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), (changes) => {
          const copy = Uint8Array.from(bytes)
          for (const { at, byte } of changes) copy[at % Math.min(copy.length, 800)] = byte
          expect(shown(copy, key)).toMatch(ENDS)
          expect(told(copy, key)).toMatch(ENDS)
        }),
        { numRuns: 25 },
      )
    },
  )

  it.each(Object.keys(HEADERS))("of %s that is cut anywhere, or promises a larger file, ends too", (key) => {
    const bytes = HEADERS[key] ?? Buffer.alloc(0)
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.constantFrom(0, 1000, 2 ** 33), (end, more) => {
        const cut = bytes.subarray(0, end)
        expect(shown(cut, key, cut.length + more)).toMatch(ENDS)
        expect(told(cut, key, cut.length + more)).toMatch(ENDS)
      }),
      { numRuns: 25 },
    )
  })
})
