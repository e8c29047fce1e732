import kafkajs from "kafkajs"
import { expect, it } from "vitest"
import { failed, failure } from "../../events/result.ts"
import { readAllCompressions } from "../../kafka/compression/index.ts"
import { storedMessage } from "./records.ts"

const { CompressionCodecs, CompressionTypes } = kafkajs

/** What the client reads of a batch of one record, in format 2, that is no zstd. */
async function ofDamagedBatch(): Promise<Buffer> {
  readAllCompressions()
  const compressed = Buffer.from("nothing")
  const header = Buffer.alloc(61)
  header.writeInt32BE(49 + compressed.length, 8)
  header.writeInt8(2, 16)
  header.writeInt32BE(1, 57)
  const codec = CompressionCodecs[CompressionTypes.ZSTD]() as { decompress: (bytes: Buffer) => Promise<Buffer> }
  return codec.decompress(Buffer.concat([header, compressed]).subarray(header.length))
}

it("a message of a batch that cannot be decompressed is undecodable, for the reason that the batch has", async () => {
  const message = { offset: "0", key: null, timestamp: "0", attributes: 0, headers: {}, value: await ofDamagedBatch() }
  const other = () => failed(failure("log/undecodable", "another reason"))
  const { content, at } = storedMessage({ topic: "element-created", partition: 3, message }, other)
  expect(at).toEqual({ topic: "element-created", partition: 3, offset: 0 })
  expect(content).toMatchObject({ undecodable: { failure: { says: expect.stringContaining("ZSTD") } } })
})
