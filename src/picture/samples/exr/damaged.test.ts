import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Result } from "../../../events/result.ts"
import { corpusBytes, corpusNames, hasCorpus } from "../../read/header/testing/corpus.ts"
import { openPlaneReader } from "./planes/plane-reader.ts"
import { writtenExrs } from "./testing/arbitrary-exr.ts"
import { headerOf, memoryBytes } from "./testing/opened.ts"
import { countingPart, single, writtenExr } from "./testing/written-exr.ts"

const LIMIT_BYTES = 8 * 2 ** 20
const KNOWN = ["picture/damaged", "picture/over-limit", "picture/unsupported"]

/** Reads every part whole; how each ended. A row that is visited twice or out of order is a bug. */
function readAll(file: Uint8Array): readonly Result<number>[] {
  const header = headerOf(file)
  return (header?.parts ?? []).slice(0, 4).map((part) => {
    const channels = part.channels.slice(0, 4).map(({ name }) => name)
    const request = { part: part.index, channels: [...new Set(channels)], limitBytes: LIMIT_BYTES }
    const reader = openPlaneReader(memoryBytes(file, LIMIT_BYTES + 1024), header ?? expect.fail(), request)
    if (!reader.ok) return reader
    let rows = 0
    const read = reader.value.readRows({ first: 0, last: reader.value.height - 1 }, (row) => {
      expect(row).toBe(rows)
      rows++
    })
    return read.ok ? { ok: true, value: rows - reader.value.height } : read
  })
}

/** Every row was visited, or a failure of the catalogue says why not. */
function expectEnds(file: Uint8Array): void {
  for (const end of readAll(file)) expect(end.ok ? [end.value] : KNOWN).toContain(end.ok ? 0 : end.failure.code)
}

const changes = fc.array(
  fc.record({ place: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, 0x20) }),
  { minLength: 1, maxLength: 6 },
)
const kept = fc.oneof(fc.constant(1), fc.double({ min: 0.2, max: 1, noNaN: true }))

type Change = { readonly place: number; readonly byte: number }

function changed(file: Uint8Array, edits: readonly Change[], share: number): Uint8Array {
  const bytes = Uint8Array.from(file.subarray(0, Math.ceil(file.length * share)))
  for (const { place, byte } of edits) bytes[Math.min(bytes.length - 1, Math.floor(place * bytes.length))] = byte
  return bytes
}

describe("a changed or cut EXR", () => {
  it("gives all its rows or a typed failure, and is never read outside", () => {
    fc.assert(
      fc.property(writtenExrs, changes, kept, (written, edits, share) => {
        expectEnds(changed(writtenExr(written), edits, share))
      }),
      { numRuns: 400 },
    )
  })

  const small = corpusNames("openexr-images/DisplayWindow").filter((name) => name.endsWith(".exr"))

  it.skipIf(!hasCorpus).each(small)("%s, published, does too (skipped where ../shared/corpus is absent)", (name) => {
    const file = corpusBytes(`openexr-images/DisplayWindow/${name}`)
    fc.assert(
      fc.property(changes, kept, (edits, share) => expectEnds(changed(file, edits, share))),
      { numRuns: 4 },
    )
  })

  const broken = corpusNames("openexr-images/Damaged")

  it.skipIf(!hasCorpus).each(broken)("%s ends (skipped where ../shared/corpus is absent)", (name) => {
    expectEnds(corpusBytes(`openexr-images/Damaged/${name}`))
  })
})

describe("an EXR is damaged", () => {
  const file = writtenExr(single(countingPart({})))
  const tableAt = headerOf(file)?.spans[0]?.lengthBytes ?? 0
  const view = new DataView(file.buffer)
  const secondAt = Number(view.getBigUint64(tableAt + 8, true))

  const cases: Readonly<Record<string, (bytes: DataView) => void>> = {
    "when an offset was never written and the chunk before it has no end": (bytes) => {
      bytes.setBigUint64(tableAt + 16, 0n, true)
      bytes.setInt32(secondAt + 4, 2 ** 30, true)
    },
    "when two offsets are the same": (bytes) => bytes.setBigUint64(tableAt + 16, BigInt(secondAt), true),
    "when a chunk says that it lies elsewhere": (bytes) => bytes.setInt32(secondAt, 17, true),
    "when a chunk has no bytes": (bytes) => bytes.setInt32(secondAt + 4, 0, true),
    "when a chunk's size is negative": (bytes) => bytes.setInt32(secondAt + 4, -5, true),
    "when a chunk is larger than its pixels": (bytes) => bytes.setInt32(secondAt + 4, 24 * 16 * 6 + 1, true),
    "when its compressed bytes are not": (bytes) => bytes.setInt32(secondAt + 8, -1, true),
    "when a chunk ends early": (bytes) => bytes.setInt32(secondAt + 4, view.getInt32(secondAt + 4, true) - 9, true),
  }

  it.each(Object.entries(cases))("%s", (_, damage) => {
    const bytes = file.slice()
    damage(new DataView(bytes.buffer))
    expect(readAll(bytes)).toEqual([expect.objectContaining({ ok: false })])
    expect(readAll(bytes)).toEqual([{ ok: false, failure: expect.objectContaining({ code: "picture/damaged" }) }])
    expect(readAll(file)).toEqual([{ ok: true, value: 0 }])
  })

  it("when a chunk belongs to another part", () => {
    const parts = [countingPart({ compression: "rle" }), countingPart({ compression: "rle" })]
    const swapped = writtenExr({ ...single(countingPart({})), parts, isMultiPart: true })
    const start = headerOf(swapped)?.spans[0]?.lengthBytes ?? 0
    const table = swapped.slice(start, start + 40 * 8)
    swapped.copyWithin(start, start + 40 * 8, start + 80 * 8)
    swapped.set(table, start + 40 * 8)
    const failure = expect.objectContaining({ code: "picture/damaged" })
    expect(readAll(swapped)).toEqual([
      { ok: false, failure },
      { ok: false, failure },
    ])
  })
})
