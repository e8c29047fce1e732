import { repeated } from "./lz4-and-snappy.ts"

const MAGIC = 0x184d2204
const BLOCK_BYTES: Readonly<Record<number, number>> = { 4: 65_536, 5: 262_144, 6: 1_048_576, 7: 4_194_304 }
const UNCOMPRESSED = 0x80000000

/**
 * Decompresses LZ4 frames; checksums are Kafka's own affair. Throws a RangeError for bytes that are none, and for more
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
