import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { RowRange } from "../../index.ts"
import { writtenExrs } from "../testing/arbitrary-exr.ts"
import { headerOf, memoryBytes, seen } from "../testing/opened.ts"
import { type WrittenChannel, type WrittenPart, writtenExr } from "../testing/written-exr.ts"
import { openPlaneReader } from "./plane-reader.ts"

/** The numbers that a channel's bits stand for, by JavaScript's own conversions. */
function numbers({ pixelType, samples }: WrittenChannel): Float32Array {
  if (pixelType === "float") return new Float32Array(samples.slice().buffer)
  if (pixelType === "uint") return Float32Array.from(samples, (bits) => bits / 2 ** 32)
  return Float32Array.from(samples, halfNumber)
}

const view = new DataView(new ArrayBuffer(2)) as DataView & { getFloat16(offset: number): number }

function halfNumber(bits: number): number {
  view.setUint16(0, bits)
  return view.getFloat16(0)
}

/** The rows of a plane that lie in the range, of those that have samples. */
function rowsOf({ dataWindow }: WrittenPart, channel: WrittenChannel, { first, last }: RowRange): Float32Array {
  const columns = (dataWindow.xMax - dataWindow.xMin + 1) / channel.xSampling
  const [from, to] = [Math.ceil(first / channel.ySampling), Math.floor(last / channel.ySampling) + 1]
  return numbers(channel).subarray(from * columns, to * columns)
}

const ranges = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))

function rangeOf({ dataWindow }: WrittenPart, shares: readonly [number, number]): RowRange {
  const height = dataWindow.yMax - dataWindow.yMin + 1
  const rows = shares.map((share) => Math.min(height - 1, Math.floor(share * height)))
  return { first: Math.min(...rows), last: Math.max(...rows) }
}

describe("an EXR", () => {
  it("gives back the numbers that were written, of every part, type, sampling, compression, order and tiling", () => {
    fc.assert(
      fc.property(writtenExrs, ranges, fc.boolean(), (written, shares, isWhole) => {
        const file = writtenExr(written)
        const header = headerOf(file)
        if (header === null) throw new Error("the header is refused")
        written.parts.forEach((part, index) => {
          const asked = part.channels.filter((_, place) => isWhole || (place + index) % 2 === 0).reverse()
          const channels = asked.map(({ name }) => name)
          const reader = openPlaneReader(memoryBytes(file), header, { part: index, channels })
          if (!reader.ok) throw new Error(JSON.stringify(reader))
          const range = isWhole ? { first: 0, last: reader.value.height - 1 } : rangeOf(part, shares)
          const read = seen(reader.value, range)
          const rows = Array.from({ length: range.last - range.first + 1 }, (_, row) => range.first + row)
          const planes = asked.map((channel) => rowsOf(part, channel, range))
          expect(read).toEqual({ ok: true, value: { rows, planes } })
        })
      }),
      { numRuns: 300 },
    )
  })
})
