import { promisify } from "node:util"
import { unzip, zstdDecompress } from "node:zlib"
import kafkajs from "kafkajs"
import { fromLz4 } from "./lz4.ts"
import { fromSnappy } from "./lz4-and-snappy.ts"
import { type BatchHeader, checkRecords, emptyRecords, headerBefore } from "./record-batch.ts"

const { CompressionCodecs, CompressionTypes } = kafkajs

/** A batch of 1 MB, which is what brokers take, can claim to be gigabytes. */
export const MOST_BYTES = 64 * 1024 * 1024

/** Beyond it the client itself fails, since it spreads the records of a batch. */
export const MOST_RECORDS = 100_000

const limited = { maxOutputLength: MOST_BYTES }

const DECOMPRESS: Readonly<Record<"GZIP" | "Snappy" | "LZ4" | "ZSTD", (bytes: Buffer) => Promise<Buffer>>> = {
  GZIP: (bytes) => promisify(unzip)(bytes, limited) as Promise<Buffer>,
  ZSTD: (bytes) => promisify(zstdDecompress)(bytes, limited) as Promise<Buffer>,
  Snappy: async (bytes) => fromSnappy(bytes, MOST_BYTES),
  LZ4: async (bytes) => fromLz4(bytes, MOST_BYTES),
}

type Named = keyof typeof DECOMPRESS

/**
 * Teaches the Kafka client, whose codecs are one for the whole process, to read whatever other producers compress with.
 * Nothing of ours is written compressed: the VAST Event Broker takes none.
 */
export function readAllCompressions(): void {
  for (const name of Object.keys(DECOMPRESS) as Named[])
    CompressionCodecs[CompressionTypes[name]] = () => ({
      decompress: (bytes: Buffer) => recordsOf(bytes, name),
      compress: refused,
    })
}

const refused = (): Promise<never> => Promise.reject(new Error("compression: nothing is written compressed here"))

/** Why records are empty that stand for a batch, by the memory that their values are views of. */
const unreadable = new WeakMap<ArrayBufferLike, string>()

/** Why nobody can know what this value was: its batch cannot be decompressed. Null for every other value. */
export const whyUnreadable = (value: Buffer | null): string | null =>
  value === null ? null : (unreadable.get(value.buffer) ?? null)

/**
 * The records of a batch. An error here would be one of the whole answer, and end the consumer at the same offset again
 * and again, with all its topics: instead one empty record stands for the batch, and readers pass it.
 */
async function recordsOf(compressed: Buffer, name: Named): Promise<Buffer> {
  const header = headerBefore(compressed)
  if (header !== null && header.records > MOST_RECORDS) throw tooMany(header)
  try {
    const plain = await DECOMPRESS[name](compressed)
    if (header !== null) checkRecords(plain, header.records)
    return plain
  } catch (error) {
    const says = damageIn(error)
    if (says === null) throw error
    if (header === null)
      throw refusedBatch(`A batch in a format of Kafka before 0.11 cannot be decompressed (${says}).`)
    const standIn = emptyRecords(header)
    unreadable.set(standIn.buffer, sentence(header, name, says))
    return standIn
  }
}

/** What is wrong with the bytes; null for an error that says nothing about them. */
function damageIn(error: unknown): string | null {
  if (error instanceof RangeError) {
    const isTooLarge = "code" in error && error.code === "ERR_BUFFER_TOO_LARGE"
    return isTooLarge ? `more than the ${MOST_BYTES} bytes that are read` : error.message
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : ""
  return /^(Z_|ZSTD_)/.test(code) ? (error as Error).message : null
}

const offsetsOf = ({ firstOffset, lastOffsetDelta }: BatchHeader): string =>
  `offsets ${firstOffset} to ${firstOffset + BigInt(lastOffsetDelta)}`

const sentence = (header: BatchHeader, name: Named, says: string): string =>
  `A batch of ${header.records} ${header.records === 1 ? "record" : "records"} (${offsetsOf(header)}) cannot be ` +
  `decompressed (${name}: ${says}): its producer has to send it again.`

const tooMany = (header: BatchHeader): Error =>
  refusedBatch(
    `A compressed batch of ${header.records} records (${offsetsOf(header)}) has more than the ${MOST_RECORDS} that are ` +
      "read: delete it (kafka-delete-records), and let its producer send smaller batches.",
  )

/** For the client's caller, who takes it for a refusal rather than for an outage. */
const refusedBatch = (says: string): Error => Object.assign(new Error(says), { name: REFUSED_BATCH })

export const REFUSED_BATCH = "UnreadableBatch"
