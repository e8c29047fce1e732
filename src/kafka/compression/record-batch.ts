/**
 * A batch of records in Kafka's format 2, as far as its compression is concerned. Source: Apache Kafka, "Message Format",
 * RecordBatch and Record.
 */
export type BatchHeader = {
  readonly firstOffset: bigint
  /** Of the last record, from the first offset. */
  readonly lastOffsetDelta: number
  readonly records: number
}

/** What stands in front of the records. */
const HEADER_BYTES = 61
/** Of them, what the batch's own length counts. */
const COUNTED_BYTES = 49
const AT = { firstOffset: 0, length: 8, magic: 16, lastOffsetDelta: 23, records: 57 } as const
const FORMAT = 2

/**
 * The header of the batch whose compressed records these are. The client hands over a view into the answer of the broker,
 * in which the header stands right before them. Null where it does not: older formats have no such header.
 */
export function headerBefore(compressed: Buffer): BatchHeader | null {
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
export function checkRecords(bytes: Uint8Array, records: number): void {
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

/** A record so far before its batch that the client takes it for one that was not asked for: 2^30 offsets. */
const PASSED_OVER = Buffer.from([0x14, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x07, 1, 1, 0])

/** As many records as the batch says that it has, of which readers see the last one alone, without key and value. */
export function emptyRecords({ records, lastOffsetDelta }: BatchHeader): Buffer {
  const offset = zigzag(lastOffsetDelta)
  const last = Buffer.from([...zigzag(offset.length + 5), 0, 0, ...offset, 1, 0, 0])
  // Memory of its own, by which the records are known.
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
