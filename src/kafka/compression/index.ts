/** Reads record batches that other producers compressed; one that is damaged stops nobody. */

import { promisify } from "node:util"
import { unzip, zstdDecompress } from "node:zlib"
import kafkajs from "kafkajs"
import { fromLz4, fromSnappy } from "./lz4-and-snappy.ts"

const { CompressionCodecs, CompressionTypes } = kafkajs

/** Most bytes of a decompressed batch: 1 MB of compressed bytes, which brokers take, can stand for gigabytes. */
export const MOST_BYTES = 64 * 1024 * 1024

/** Most records of a batch. With more the client itself fails, since it spreads them as arguments of a call. */
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

/** Why a batch was replaced by an empty record, by the memory that the value of that record is a view of. */
const unreadable = new WeakMap<ArrayBufferLike, string>()

/** The reason where a value stands for a batch that cannot be decompressed. Null for every other value. */
export const whyUnreadable = (value: Buffer | null): string | null =>
  value === null ? null : (unreadable.get(value.buffer) ?? null)

/**
 * The records of a batch. An error here would fail the whole fetch, so that the consumer, with all its topics, would stop at
 * the same offset again and again. Instead one empty record stands for the batch, and readers pass it.
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

/** Named so that `classify` takes it for a refusal rather than for an outage. */
const refusedBatch = (says: string): Error => Object.assign(new Error(says), { name: REFUSED_BATCH })

export const REFUSED_BATCH = "UnreadableBatch"

/**
 * A batch of records in Kafka's format 2, as far as its compression is concerned. Source: Apache Kafka, "Message Format",
 * RecordBatch and Record.
 */
type BatchHeader = {
  readonly firstOffset: bigint
  /** Offset of the last record minus that of the first. */
  readonly lastOffsetDelta: number
  readonly records: number
}

/** Size of the header, which stands before the records. */
const HEADER_BYTES = 61
/** The part of the header that the length field of the batch counts. */
const COUNTED_BYTES = 49
const AT = { firstOffset: 0, length: 8, magic: 16, lastOffsetDelta: 23, records: 57 } as const
const FORMAT = 2

/**
 * The header of the batch whose compressed records these are. The client hands over a view into the answer of the broker,
 * in which the header stands right before them. Null where it does not: older formats have no such header.
 */
function headerBefore(compressed: Buffer): BatchHeader | null {
  const start = compressed.byteOffset - HEADER_BYTES
  if (start < 0) return null
  const view = new DataView(compressed.buffer, start, HEADER_BYTES)
  const isOurs = view.getInt8(AT.magic) === FORMAT && view.getInt32(AT.length) === COUNTED_BYTES + compressed.length
  const records = view.getInt32(AT.records)
  const lastOffsetDelta = view.getInt32(AT.lastOffsetDelta)
  if (!isOurs || records < 1 || lastOffsetDelta < records - 1) return null
  return { firstOffset: view.getBigInt64(AT.firstOffset), lastOffsetDelta, records }
}

/** Throws a RangeError unless the bytes are so many records and nothing else: the client would read beyond them. */
function checkRecords(bytes: Uint8Array, records: number): void {
  const cursor: Cursor = { bytes, at: 0 }
  for (let record = 0; record < records; record += 1) {
    const length = readLength(cursor)
    const end = cursor.at + length
    if (length < 0 || end > bytes.length) throw new RangeError("a record is cut")
    checkRecord({ bytes: bytes.subarray(0, end), at: cursor.at })
    cursor.at = end
  }
  if (cursor.at !== bytes.length) throw new RangeError("there is more than the records")
}

type Cursor = { readonly bytes: Uint8Array; at: number }

const TIME_BYTES = 10

function checkRecord(cursor: Cursor): void {
  skip(cursor, 1)
  readDigits(cursor, TIME_BYTES)
  readLength(cursor)
  skipText(cursor, { mayBeNull: true })
  skipText(cursor, { mayBeNull: true })
  const headers = readLength(cursor)
  for (let header = 0; header < headers; header += 1) {
    skipText(cursor, { mayBeNull: false })
    skipText(cursor, { mayBeNull: true })
  }
  if (headers < 0 || cursor.at !== cursor.bytes.length) throw new RangeError("a record has another length than it says")
}

function skipText(cursor: Cursor, { mayBeNull }: { readonly mayBeNull: boolean }): void {
  const length = readLength(cursor)
  if (length < (mayBeNull ? -1 : 0)) throw new RangeError("a record has a text of no length")
  skip(cursor, Math.max(0, length))
}

function skip(cursor: Cursor, length: number): void {
  if (length > cursor.bytes.length - cursor.at) throw new RangeError("a record is cut")
  cursor.at += length
}

const LENGTH_BYTES = 5

/** A variable-length number of 32 bits, signs in the lowest bit. */
function readLength(cursor: Cursor): number {
  const number = readDigits(cursor, LENGTH_BYTES) >>> 0
  return (number >>> 1) ^ -(number & 1)
}

/** The lowest 32 bits of a variable-length number. */
function readDigits(cursor: Cursor, most: number): number {
  let number = 0
  for (let digit = 0; digit < most; digit += 1) {
    const byte = cursor.bytes[cursor.at++]
    if (byte === undefined) throw new RangeError("a record is cut")
    if (digit < LENGTH_BYTES) number |= (byte & 0x7f) << (7 * digit)
    if (byte < 0x80) return number
  }
  throw new RangeError("a record has a number that is too long")
}

/** A record 2^30 offsets before its batch: the client drops it, since nobody asked for that offset. */
const PASSED_OVER = Buffer.from([0x14, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x07, 1, 1, 0])

/** As many records as the batch says that it has, of which readers see the last one alone, without key and value. */
function emptyRecords({ records, lastOffsetDelta }: BatchHeader): Buffer {
  const offset = zigzag(lastOffsetDelta)
  const last = Buffer.from([...zigzag(offset.length + 5), 0, 0, ...offset, 1, 0, 0])
  // Not from a pool: the key of `unreadable` is this memory.
  const bytes = Buffer.alloc(PASSED_OVER.length * (records - 1) + last.length, PASSED_OVER)
  last.copy(bytes, bytes.length - last.length)
  return bytes
}

function zigzag(number: number): readonly number[] {
  const digits: number[] = []
  let rest = ((number << 1) ^ (number >> 31)) >>> 0
  for (; rest >= 0x80; rest >>>= 7) digits.push((rest & 0x7f) | 0x80)
  return [...digits, rest]
}
