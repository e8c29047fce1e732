import { done, type Result } from "../../../../events/result.ts"
import type { ByteSource } from "../../index.ts"
import { damaged, type OffsetTable } from "./offset-table.ts"

/** A chunk as the reader expects it: what stands in its leader is compared, never believed. */
type ExpectedChunk = {
  /** Index into the offset table. */
  readonly index: number
  /** y of its first line, or column, row, 0 and 0 of its tile. */
  readonly place: readonly number[]
  /** Bytes once unpacked: no chunk is stored longer. */
  readonly sizeBytes: number
}

/** The packed bytes of a chunk, valid until the next call. Fails: picture/damaged. */
export type ReadChunk = (chunk: ExpectedChunk) => Result<Uint8Array>

const INT_BYTES = 4
/** Bytes read at once where several chunks follow one another. */
const WINDOW_BYTES = 512 * 1024
/** The longest leader: part, column, row, two levels, size. */
const LEADER_BYTES = 24

/**
 * Reads the chunks of one part, several small ones at once where they lie one behind the other. Nobody else reads from
 * `bytes` meanwhile: what it returned last is looked at again.
 */
export function openChunks(bytes: ByteSource, table: OffsetTable): ReadChunk {
  const look = openWindow(bytes)
  return ({ index, place, sizeBytes }) => {
    const offset = table.offsets[index] as number
    const leader = table.isMultiPart ? [table.part, ...place] : place
    const leaderBytes = (leader.length + 1) * INT_BYTES
    const head = look(offset, leaderBytes, spanFrom(table.offsets, index, sizeBytes + LEADER_BYTES))
    if (head.length < leaderBytes) return damaged(`The file ends where chunk ${index} begins.`)
    const ints = new DataView(head.buffer, head.byteOffset, leaderBytes)
    const wrong = leader.findIndex((expected, at) => ints.getInt32(at * INT_BYTES, true) !== expected)
    if (wrong >= 0) return damaged(`Where chunk ${index} should be lies something else, at byte ${offset}.`)
    const packedBytes = ints.getInt32(leaderBytes - INT_BYTES, true)
    if (packedBytes < 0 || packedBytes > sizeBytes || (packedBytes === 0 && sizeBytes > 0))
      return damaged(`Chunk ${index} is said to have ${packedBytes} bytes, for ${sizeBytes} unpacked.`)
    const packed = look(offset + leaderBytes, packedBytes, packedBytes)
    return packed.length === packedBytes ? done(packed) : damaged(`The file ends inside chunk ${index}.`)
  }
}

/**
 * Bytes that are worth reading from a chunk on: to the end of the last one behind it that still fits, by the table; in a
 * file stored upwards to the chunk before it; only its leader where neither is near.
 */
function spanFrom(offsets: Float64Array, index: number, reachBytes: number): number {
  const start = offsets[index] as number
  let span = 0
  for (let next = index + 1; next < offsets.length; next++) {
    const end = (offsets[next] as number) - start
    if (end <= span || end > span + reachBytes || end > WINDOW_BYTES) break
    span = end
  }
  const before = (offsets[index - 1] ?? 0) - start
  return span > 0 || before <= 0 || before > reachBytes ? Math.max(span, LEADER_BYTES) : before
}

/** Bytes [offset, offset + length), fewer at the file's end; `worthBytes` are read where a read is needed. */
function openWindow(bytes: ByteSource): (offset: number, lengthBytes: number, worthBytes: number) => Uint8Array {
  let start = 0
  let window = new Uint8Array(0)
  return (offset, lengthBytes, worthBytes) => {
    const isInside = offset >= start && offset + lengthBytes <= start + window.length
    if (!isInside) {
      start = offset
      window = bytes.readAt(offset, Math.max(lengthBytes, worthBytes)) as Uint8Array<ArrayBuffer>
    }
    return window.subarray(offset - start, Math.min(window.length, offset - start + lengthBytes))
  }
}
