import { createRequire } from "node:module"
import { gzipSync, zstdCompressSync } from "node:zlib"
import { beforeAll, describe, expect, it } from "vitest"
import { classify } from "../failures.ts"
import { MOST_BYTES, MOST_RECORDS, readAllCompressions, whyUnreadable } from "./index.ts"

const require = createRequire(import.meta.url)
const Decoder = require("kafkajs/src/protocol/decoder")
const decodeMessages = require("kafkajs/src/protocol/requests/fetch/v4/decodeMessages")

type Decoded = { readonly offset: string; readonly value: Buffer | null }

const CODECS = { GZIP: 1, Snappy: 2, LZ4: 3, ZSTD: 4 } as const
const FETCHED_FROM = 1_000

/** One record of a batch, whose value is short. */
function record(offsetDelta: number, value: Buffer): Buffer {
  const zigzag = (number: number): number[] => {
    const digits: number[] = []
    let rest = number * 2
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) digits.push((rest % 128) | 0x80)
    return [...digits, rest]
  }
  const head = Buffer.from([0, 0, ...zigzag(offsetDelta), 1, ...zigzag(value.length)])
  const body = Buffer.concat([head, value, Buffer.from([0])])
  return Buffer.concat([Buffer.from(zigzag(body.length)), body])
}

type Stated = { readonly records?: number; readonly lastOffsetDelta?: number; readonly codec?: keyof typeof CODECS }

/** A batch in format 2 around compressed records. */
function batch(firstOffset: number, compressed: Buffer, stated: Stated = {}): Buffer {
  const { records = 2, lastOffsetDelta = records - 1, codec = "ZSTD" } = stated
  const header = Buffer.alloc(61)
  header.writeBigInt64BE(BigInt(firstOffset), 0)
  header.writeInt32BE(49 + compressed.length, 8)
  header.writeInt8(2, 16)
  header.writeInt16BE(CODECS[codec], 21)
  header.writeInt32BE(lastOffsetDelta, 23)
  header.writeInt32BE(records, 57)
  return Buffer.concat([header, compressed])
}

/** What the client makes of batches, as it decodes the answer of a broker; readers see what is not before the fetch. */
async function decoded(...batches: readonly Buffer[]): Promise<readonly Decoded[]> {
  const bytes = Buffer.concat(batches)
  const size = Buffer.alloc(4)
  size.writeInt32BE(bytes.length)
  const all: readonly Decoded[] = await decodeMessages(new Decoder(Buffer.concat([size, bytes])))
  return all.filter(({ offset }) => Number(offset) >= FETCHED_FROM)
}

const two = Buffer.concat([record(0, Buffer.from("a")), record(1, Buffer.from("b"))])
const good = batch(1_002, zstdCompressSync(two))

beforeAll(readAllCompressions)

describe("a batch that cannot be decompressed", () => {
  const bomb = zstdCompressSync(Buffer.alloc(MOST_BYTES + 1))
  const cut = zstdCompressSync(two).subarray(0, -3)

  it.each<readonly [string, Buffer, Stated, RegExp]>([
    ["is no zstd", Buffer.from("nothing"), {}, /ZSTD: /],
    ["is cut zstd", cut, {}, /ZSTD: /],
    ["is no gzip", Buffer.from("nothing"), { codec: "GZIP" }, /GZIP: /],
    ["is no Snappy", Buffer.from([0xff, 0xff, 0xff]), { codec: "Snappy" }, /Snappy: /],
    ["is no LZ4", Buffer.from("nothing"), { codec: "LZ4" }, /LZ4: the bytes are no LZ4 frame/],
    ["is a bomb of zstd", bomb, {}, /more than the 67108864 bytes that are read/],
    ["is a bomb of gzip", gzipSync(Buffer.alloc(MOST_BYTES + 1)), { codec: "GZIP" }, /more than the 67108864 bytes/],
    ["has fewer records than it says", zstdCompressSync(record(0, Buffer.from("a"))), {}, /a record is cut/],
    ["has more than its records", zstdCompressSync(Buffer.concat([two, two])), {}, /more than the records/],
    ["has records of another length", zstdCompressSync(Buffer.from([4, 0, 0, 4, 0, 0])), {}, /a record/],
  ])("is one empty record where it %s, and the batches around it are read", async (_, bytes, stated, says) => {
    const messages = await decoded(batch(1_000, bytes, stated), good)
    expect(messages.map(({ offset, value }) => [offset, String(value)])).toEqual([
      ["1001", ""],
      ["1002", "a"],
      ["1003", "b"],
    ])
    const [standIn, ...others] = messages.map(({ value }) => whyUnreadable(value))
    expect(standIn).toMatch(says)
    expect(standIn).toMatch(/^A batch of 2 records \(offsets 1000 to 1001\) cannot be decompressed/)
    expect(others).toEqual([null, null])
  })

  it.each([1, 2, 63, 64, 65, 9_000, 1_000_000])("has its end at offset delta %i", async (lastOffsetDelta) => {
    const [last, ...more] = await decoded(batch(5_000, Buffer.from("nothing"), { records: 2, lastOffsetDelta }))
    expect(last?.offset).toBe(String(5_000 + lastOffsetDelta))
    expect(more).toEqual([])
  })

  it("is passed over as a whole, however many records it says it has, up to the limit", async () => {
    expect(await decoded(batch(5_000, Buffer.from("nothing"), { records: MOST_RECORDS }))).toHaveLength(1)
  })

  it("is refused, with the offset and what to do, where it has more records than the client can hold", async () => {
    const error = await decoded(batch(5_000, Buffer.from("nothing"), { records: MOST_RECORDS + 1 })).catch(
      (thrown: unknown) => thrown,
    )
    const { code, says } = classify(error, "Group g at broker:9092")
    expect(code).toBe("log/refused")
    expect(says).toMatch(/offsets 5000 to 105000.*kafka-delete-records/)
  })
})
