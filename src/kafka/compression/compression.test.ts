import { readFileSync } from "node:fs"
import fc from "fast-check"
import kafkajs from "kafkajs"
import { describe, expect, it } from "vitest"
import { MOST_BYTES, readAllCompressions } from "./index.ts"
import { fromLz4, fromSnappy } from "./lz4-and-snappy.ts"

const packed = JSON.parse(readFileSync(new URL("testing/packed.json", import.meta.url), "utf8")) as Record<
  string,
  string
>
const bytesOf = (name: string): Buffer => Buffer.from(packed[name] ?? "", "base64")

/** What was packed: repeats near and far, bytes that do not repeat, a long run of one byte. */
const PLAIN = Buffer.concat([
  Buffer.from("frames/shot_010/beauty.0001.exr ".repeat(40)),
  Buffer.from(Array.from({ length: 256 }, (_, index) => index)),
  Buffer.from("x".repeat(70_000)),
  Buffer.from("abcdefghij".repeat(500)),
])

const { CompressionCodecs, CompressionTypes } = kafkajs
const codec = (name: "GZIP" | "Snappy" | "LZ4" | "ZSTD") => {
  readAllCompressions()
  return CompressionCodecs[CompressionTypes[name]]() as { decompress: (bytes: Buffer) => Promise<Buffer> }
}

describe("what other producers compressed", () => {
  it.each([
    ["Snappy", "snappyRaw"],
    ["Snappy", "snappyXerial"],
    ["LZ4", "lz4"],
    ["ZSTD", "zstd"],
  ] as const)("%s (%s) is read", async (name, packing) => {
    expect(PLAIN.equals(await codec(name).decompress(bytesOf(packing)))).toBe(true)
  })

  it("is read as far as the limit", () => {
    expect(() => fromSnappy(bytesOf("snappyRaw"), 1000)).toThrow(RangeError)
    expect(() => fromSnappy(bytesOf("snappyXerial"), 60_000)).toThrow(RangeError)
    expect(() => fromLz4(bytesOf("lz4"), 1000)).toThrow(RangeError)
    expect(MOST_BYTES).toBeGreaterThan(1_048_576)
  })

  it.each([
    ["Snappy", fromSnappy, "snappyRaw"],
    ["Snappy in blocks", fromSnappy, "snappyXerial"],
    ["LZ4", fromLz4, "lz4"],
  ] as const)("%s, cut or damaged, is refused or gives bytes within the limit", (_, from, packing) => {
    const whole = bytesOf(packing)
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(damage, fc.nat(whole.length), (hits, length) => {
        const bytes = Buffer.from(whole)
        for (const [at, value] of hits) bytes[at] = value
        try {
          expect(from(bytes.subarray(0, length), 200_000).length).toBeLessThanOrEqual(200_000)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
      { numRuns: 200 },
    )
  })
})
