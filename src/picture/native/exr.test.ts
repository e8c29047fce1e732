import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { boxHeight } from "../read/header/model.ts"
import { corpusBytes, corpusNames, hasCorpus } from "../read/header/testing/corpus.ts"
import { writtenExrs } from "../samples/exr/testing/arbitrary-exr.ts"
import { headerOf } from "../samples/exr/testing/opened.ts"
import { b44File, dwaFile } from "../samples/exr/testing/stored-files.ts"
import { countingPart, single, type WrittenExr, writtenExr } from "../samples/exr/testing/written-exr.ts"
import { bothSeen, type Shown, threeOf } from "./testing/exr-readers.ts"

const share = fc.double({ min: 0, max: 1, noNaN: true })
const RGB: Shown = { part: 0, channels: ["R", "G", "B"] }

/** The picture of each part, and its last channel as grey. */
const shownParts = ({ parts }: WrittenExr): readonly Shown[] =>
  parts.flatMap(({ channels }, part) => {
    const names = channels.map(({ name }) => name)
    const last = names.at(-1) ?? ""
    return [
      { part, channels: threeOf(names) },
      { part, channels: [last, last, last] },
    ]
  })

describe("the library's reader of EXR gives what the reader in JavaScript gives", () => {
  it("of every part, type, sampling, compression, order and tiling", () => {
    fc.assert(
      fc.property(writtenExrs, share, share, (written, from, to) => {
        const file = writtenExr(written)
        for (const shown of shownParts(written)) {
          const { yMin = 0, yMax = 0 } = written.parts[shown.part]?.dataWindow ?? {}
          const rows = [from, to].map((at) => Math.floor(at * (yMax - yMin)))
          const seen = bothSeen(file, shown, { first: Math.min(...rows), last: Math.max(...rows) })
          expect(seen?.ours).toEqual(seen?.theirs)
        }
      }),
      { numRuns: 150 },
    )
  })

  it.each(["mipmap", "ripmap"] as const)("of the full size of a %s", (levels) => {
    const seen = bothSeen(writtenExr(single(countingPart({ tiles: { width: 7, height: 9, levels } }))), RGB)
    expect(seen?.ours).toEqual(seen?.theirs)
    expect(seen?.ours).toHaveLength(40)
  })

  it("in rows that stand outside of which the file is damaged", () => {
    const file = writtenExr(single(countingPart({})))
    const view = new DataView(file.buffer)
    const table = headerOf(file)?.spans[0]?.lengthBytes ?? 0
    for (const chunk of [0, 2]) view.setInt32(Number(view.getBigUint64(table + chunk * 8, true)) + 8, -1, true)
    const seen = bothSeen(file, RGB, { first: 17, last: 31 })
    expect(seen?.ours).toEqual(seen?.theirs)
    expect(seen?.ours).toHaveLength(15)
    expect(bothSeen(file, RGB)?.ours).toBe("picture/damaged")
  })

  it.each([
    ...["smooth-b44", "flat-b44a", "narrow-b44a", "alpha-b44a", "odd-b44", "column-b44a"].map(
      (name) => [name, b44File(name)] as const,
    ),
    ...["odd-dwaa", "column-dwab", "narrow-dwab", "tall-dwab", "float-alpha-depth-dwaa"].map(
      (name) => [name, dwaFile(name)] as const,
    ),
  ])("of luminance, chroma and each channel of %s", (_, file) => {
    const names = headerOf(file)?.parts[0]?.channels.map(({ name }) => name) ?? []
    for (const channels of [threeOf(names), ...names.map((name) => [name, name, name])]) {
      const seen = bothSeen(file, { part: 0, channels })
      expect(seen?.ours).toEqual(seen?.theirs)
      expect(typeof seen?.ours).toBe("object")
    }
  })

  const FOLDERS = ["Beachball", "Chromaticities", "DisplayWindow", "ScanLines", "TestImages"]
  const published = FOLDERS.flatMap((folder) =>
    corpusNames(`openexr-images/${folder}`).map((name) => `openexr-images/${folder}/${name}`),
  ).filter((name) => name.endsWith(".exr"))

  it.skipIf(!hasCorpus).for(published)("in %s (skipped where ../shared/corpus is absent)", (name, { skip }) => {
    const file = corpusBytes(name)
    const [part] = headerOf(file)?.parts ?? []
    const height = part === undefined ? 0 : boxHeight(part.dataWindow)
    const channels = threeOf(part?.channels.map((channel) => channel.name) ?? [])
    const middle = Math.floor(height / 2)
    const seen = bothSeen(file, { part: 0, channels }, { first: middle, last: Math.min(height - 1, middle + 80) })
    if (seen?.theirs === "picture/unsupported") return skip("is not read in JavaScript")
    expect(seen?.ours).toEqual(seen?.theirs)
  })
})

const KNOWN = ["picture/damaged", "picture/over-limit", "picture/unsupported"]

/** Every row is there, or a failure of the catalogue says why not; both readers agree on the samples where both give some. */
function expectEnds(file: Uint8Array): void {
  for (const { index: part, channels } of headerOf(file)?.parts.slice(0, 4) ?? []) {
    const seen = bothSeen(file, { part, channels: threeOf(channels.map(({ name }) => name)) })
    if (typeof seen?.ours === "string") expect(KNOWN).toContain(seen.ours)
    else if (typeof seen?.theirs !== "string") expect(seen?.ours).toEqual(seen?.theirs)
  }
}

const changes = fc.array(fc.record({ place: share, byte: fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, 0x20) }), {
  minLength: 1,
  maxLength: 6,
})
const kept = fc.oneof(fc.constant(1), fc.double({ min: 0.2, max: 1, noNaN: true }))

function changed(file: Uint8Array, edits: readonly { place: number; byte: number }[], length: number): Uint8Array {
  const bytes = Uint8Array.from(file.subarray(0, Math.ceil(file.length * length)))
  for (const { place, byte } of edits) bytes[Math.min(bytes.length - 1, Math.floor(place * bytes.length))] = byte
  return bytes
}

describe("a changed or cut EXR", () => {
  it("gives all its rows or a typed failure by the library's reader, too", () => {
    fc.assert(
      fc.property(writtenExrs, changes, kept, (written, edits, length) =>
        expectEnds(changed(writtenExr(written), edits, length)),
      ),
      { numRuns: 200 },
    )
  })

  const broken = corpusNames("openexr-images/Damaged")

  it.skipIf(!hasCorpus).each(broken)("%s ends by it (skipped where ../shared/corpus is absent)", (name) => {
    expectEnds(corpusBytes(`openexr-images/Damaged/${name}`))
  })

  it.each<readonly [string, (bytes: DataView, tableAt: number, secondAt: number) => void]>([
    [
      "has a chunk without an end",
      (bytes, at, second) => {
        bytes.setBigUint64(at + 16, 0n, true)
        bytes.setInt32(second + 4, 2 ** 30, true)
      },
    ],
    ["has two offsets that are the same", (bytes, at, second) => bytes.setBigUint64(at + 16, BigInt(second), true)],
    ["has a chunk that says that it lies elsewhere", (bytes, _, second) => bytes.setInt32(second, 17, true)],
    ["has a chunk without bytes", (bytes, _, second) => bytes.setInt32(second + 4, 0, true)],
    ["has a chunk of negative size", (bytes, _, second) => bytes.setInt32(second + 4, -5, true)],
    ["has a chunk larger than its pixels", (bytes, _, second) => bytes.setInt32(second + 4, 24 * 16 * 6 + 1, true)],
    ["has bytes that were never compressed", (bytes, _, second) => bytes.setInt32(second + 8, -1, true)],
    [
      "has a chunk that ends early",
      (bytes, _, second) => bytes.setInt32(second + 4, bytes.getInt32(second + 4, true) - 9, true),
    ],
  ])("is damaged where it %s", (_, damage) => {
    const file = writtenExr(single(countingPart({})))
    const view = new DataView(file.buffer)
    const tableAt = headerOf(file)?.spans[0]?.lengthBytes ?? 0
    damage(view, tableAt, Number(view.getBigUint64(tableAt + 8, true)))
    expect(bothSeen(file, RGB)).toEqual({ ours: "picture/damaged", theirs: "picture/damaged" })
  })
})
