const MAGIC = 0x184d2204
const BLOCK_BYTES: Readonly<Record<number, number>> = { 4: 65_536, 5: 262_144, 6: 1_048_576, 7: 4_194_304 }
const UNCOMPRESSED = 0x80000000

/**
 * Decompresses LZ4 frames. Their checksums are not verified, since Kafka has its own. Throws a RangeError for bytes that are none, and for more
 * than `mostBytes`. Source: lz4/lz4, doc/lz4_Frame_format.md and lz4_Block_format.md.
 */
export function fromLz4(bytes: Uint8Array, mostBytes: number): Buffer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const plain: Plain = { out: Buffer.alloc(0), end: 0 }
  for (let at = 0; at < bytes.length; ) {
    const frame = headerOf(view, at)
    at = frame.first
    for (let size = view.getUint32(at, true); size !== 0; size = view.getUint32(at, true)) {
      const length = size & ~UNCOMPRESSED
      if (length > bytes.length - at - 4) throw new RangeError("an LZ4 block is cut")
      const block = bytes.subarray(at + 4, at + 4 + length)
      if ((size & UNCOMPRESSED) === 0) unpack(plain, block, frame.blockBytes)
      else put(plain, block)
      if (plain.end > mostBytes) throw new RangeError(`LZ4 has more than the ${mostBytes} bytes that are read`)
      at += 4 + length + (frame.hasBlockChecksums ? 4 : 0)
    }
    at += 4 + (frame.hasChecksum ? 4 : 0)
  }
  return plain.out.subarray(0, plain.end)
}

/** What is decompressed so far; later blocks may refer to it. */
type Plain = { out: Buffer; end: number }

function makeRoom(plain: Plain, moreBytes: number): void {
  if (plain.end + moreBytes <= plain.out.length) return
  const larger = Buffer.alloc(Math.max(2 * plain.out.length, plain.end + moreBytes))
  larger.set(plain.out.subarray(0, plain.end))
  plain.out = larger
}

function put(plain: Plain, block: Uint8Array): void {
  makeRoom(plain, block.length)
  plain.out.set(block, plain.end)
  plain.end += block.length
}

function headerOf(view: DataView, start: number) {
  if (view.getUint32(start, true) !== MAGIC) throw new RangeError("the bytes are no LZ4 frame")
  const flags = view.getUint8(start + 4)
  const blockBytes = BLOCK_BYTES[(view.getUint8(start + 5) >> 4) & 7]
  if (flags >> 6 !== 1 || blockBytes === undefined || (flags & 1) !== 0)
    throw new RangeError("the LZ4 frame is of a kind that is not read")
  return {
    first: start + 7 + ((flags & 8) === 0 ? 0 : 8),
    blockBytes,
    hasBlockChecksums: (flags & 16) !== 0,
    hasChecksum: (flags & 4) !== 0,
  }
}

/** Adds one block, which has no more than `blockBytes`. */
function unpack(plain: Plain, block: Uint8Array, blockBytes: number): void {
  makeRoom(plain, blockBytes)
  const { out } = plain
  let { end } = plain
  let at = 0
  const next = (): number => {
    const byte = block[at++]
    if (byte === undefined) throw new RangeError("an LZ4 block is cut")
    return byte
  }
  const longer = (short: number): number => {
    let length = short
    if (short === 15) for (let more = 255; more === 255; length += more) more = next()
    return length
  }
  while (at < block.length) {
    const token = next()
    const literals = longer(token >> 4)
    if (literals > block.length - at || literals > out.length - end) throw new RangeError("an LZ4 block is cut")
    out.set(block.subarray(at, at + literals), end)
    at += literals
    end += literals
    if (at === block.length) break
    const distance = next() + next() * 256
    end = repeated(out, { end, distance, length: longer(token & 15) + 4 })
  }
  plain.end = end
}

/** Magic bytes of the blocks that Java's clients write. Other clients write one bare block. */
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
function repeated(
  out: Buffer,
  { end, distance, length }: { readonly end: number; readonly distance: number; readonly length: number },
): number {
  if (distance < 1 || distance > end || length > out.length - end)
    throw new RangeError("compressed bytes refer to what is not there")
  for (let index = end; index < end + length; index++) out[index] = out[index - distance] ?? 0
  return end + length
}
