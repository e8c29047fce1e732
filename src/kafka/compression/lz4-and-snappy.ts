/** Blocks as Java's clients write them; others write one block and nothing around it. */
const XERIAL = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0)
const XERIAL_HEADER_BYTES = 16

/**
 * Decompresses Snappy, bare or in the blocks of Java's clients. Throws a RangeError for bytes that are none, and for more
 * than `mostBytes`. Source: google/snappy, format_description.txt.
 */
export function fromSnappy(bytes: Uint8Array, mostBytes: number): Buffer {
  const isXerial = XERIAL.every((byte, index) => bytes[index] === byte)
  if (!isXerial) return block(bytes, mostBytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const blocks: Buffer[] = []
  let room = mostBytes
  for (let at = XERIAL_HEADER_BYTES; at < bytes.length; ) {
    const length = view.getInt32(at)
    if (length < 0 || length > bytes.length - at - 4) throw new RangeError("a Snappy block is cut")
    const plain = block(bytes.subarray(at + 4, at + 4 + length), room)
    room -= plain.length
    blocks.push(plain)
    at += 4 + length
  }
  return Buffer.concat(blocks)
}

type Cursor = { readonly bytes: Uint8Array; at: number }

function next(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at++]
  if (byte === undefined) throw new RangeError("Snappy bytes are cut")
  return byte
}

const little = (cursor: Cursor, count: number): number =>
  Array.from({ length: count }, (_, index) => next(cursor) * 256 ** index).reduce((sum, part) => sum + part, 0)

function block(bytes: Uint8Array, mostBytes: number): Buffer {
  const cursor: Cursor = { bytes, at: 0 }
  const length = uncompressedLength(cursor)
  if (length > mostBytes) throw new RangeError(`${length} bytes of Snappy are more than the ${mostBytes} that are read`)
  const out = Buffer.alloc(length)
  let end = 0
  while (cursor.at < bytes.length) {
    const tag = next(cursor)
    end = (tag & 3) === 0 ? literal(cursor, tag, { out, end }) : copied(cursor, tag, { out, end })
  }
  if (end !== length) throw new RangeError("a Snappy block has another length than it says")
  return out
}

function uncompressedLength(cursor: Cursor): number {
  let length = 0
  for (let digit = 0; digit < 5; digit++) {
    const byte = next(cursor)
    length += (byte & 0x7f) * 128 ** digit
    if (byte < 0x80) return length
  }
  throw new RangeError("a Snappy block has no length")
}

type Output = { readonly out: Buffer; readonly end: number }

function literal(cursor: Cursor, tag: number, { out, end }: Output): number {
  const short = tag >> 2
  const length = (short < 60 ? short : little(cursor, short - 59)) + 1
  if (length > out.length - end || length > cursor.bytes.length - cursor.at)
    throw new RangeError("Snappy bytes are cut")
  out.set(cursor.bytes.subarray(cursor.at, cursor.at + length), end)
  cursor.at += length
  return end + length
}

function copied(cursor: Cursor, tag: number, { out, end }: Output): number {
  const isShort = (tag & 3) === 1
  const length = isShort ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
  const distance = isShort ? ((tag >> 5) << 8) + next(cursor) : little(cursor, (tag & 3) === 2 ? 2 : 4)
  return repeated(out, { end, distance, length })
}

/** Copies from what is already there; the stretches may overlap. */
export function repeated(
  out: Buffer,
  { end, distance, length }: { readonly end: number; readonly distance: number; readonly length: number },
): number {
  if (distance < 1 || distance > end || length > out.length - end)
    throw new RangeError("compressed bytes refer to what is not there")
  for (let index = end; index < end + length; index++) out[index] = out[index - distance] ?? 0
  return end + length
}
