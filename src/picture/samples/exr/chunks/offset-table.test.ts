import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { openPlaneReader } from "../planes/plane-reader.ts"
import { writtenExrs } from "../testing/arbitrary-exr.ts"
import { headerOf, memoryBytes, seen } from "../testing/opened.ts"
import { countingPart, single, type WrittenExr, writtenExr } from "../testing/written-exr.ts"

/** All samples of every part, or why there are none. */
function samplesOf(file: Uint8Array): unknown {
  const header = headerOf(file) ?? expect.fail("the header is refused")
  return header.parts.map((part) => {
    const request = { part: part.index, channels: part.channels.map(({ name }) => name) }
    const reader = openPlaneReader(memoryBytes(file), header, request)
    if (!reader.ok) return reader.failure.code
    const read = seen(reader.value, { first: 0, last: reader.value.height - 1 })
    return read.ok ? read.value : read.failure.code
  })
}

/** The file with entries of its offset tables overwritten. */
function withTable(file: Uint8Array, overwrite: (index: number) => bigint | null): Uint8Array {
  const bytes = file.slice()
  const view = new DataView(bytes.buffer)
  const start = headerOf(file)?.spans[0]?.lengthBytes ?? 0
  const first = Number(view.getBigUint64(start, true))
  for (let at = start; at + 8 <= first && at + 8 <= bytes.length; at += 8) {
    const value = overwrite((at - start) / 8)
    if (value !== null) view.setBigUint64(at, value, true)
  }
  return bytes
}

describe("an EXR whose offset table was never written", () => {
  it("is read as if it had been, whatever its parts, tiles and order", () => {
    fc.assert(
      fc.property(writtenExrs, (written) => {
        const inOrder: WrittenExr = { ...written, order: (chunks) => Array.from({ length: chunks }, (_, at) => at) }
        const file = writtenExr(inOrder)
        expect(samplesOf(withTable(file, () => 0n))).toEqual(samplesOf(file))
      }),
      { numRuns: 60 },
    )
  })

  it.each(["mipmap", "ripmap"] as const)("is read where it is a %s", (levels) => {
    const file = writtenExr(single(countingPart({ tiles: { width: 7, height: 9, levels } })))
    expect(samplesOf(withTable(file, () => 0n))).toEqual(samplesOf(file))
  })

  it("is read where its chunks lie upwards", () => {
    const written = { ...single(countingPart({})), order: (chunks: number) => [...Array(chunks).keys()].reverse() }
    const file = writtenExr(written)
    const start = headerOf(file)?.spans[0]?.lengthBytes ?? 0
    const cleared = file.slice()
    cleared.fill(0, start, start + 3 * 8)
    expect(samplesOf(cleared)).toEqual(samplesOf(file))
  })

  it.each<[string, (index: number) => bigint | null]>([
    ["ends early", (index) => (index < 1 ? null : 0n)],
    ["points into the header", (index) => (index === 1 ? 16n : null)],
    ["points behind the file", (index) => (index === 1 ? 2n ** 63n : null)],
  ])("is read where its table %s", (_, overwrite) => {
    const file = writtenExr(single(countingPart({})))
    expect(samplesOf(withTable(file, overwrite))).toEqual(samplesOf(file))
  })

  it("is damaged where its last chunk is not whole", () => {
    const file = withTable(writtenExr(single(countingPart({}))), () => 0n)
    expect(samplesOf(file.subarray(0, -3))).toEqual(["picture/damaged"])
  })

  it("ends where a chunk of no bytes lies before it for ever", () => {
    const file = withTable(writtenExr(single(countingPart({}))), () => 0n)
    const start = headerOf(file)?.spans[0]?.lengthBytes ?? 0
    file.fill(0, start + 3 * 8)
    expect(samplesOf(file)).toEqual(["picture/damaged"])
  })
})
