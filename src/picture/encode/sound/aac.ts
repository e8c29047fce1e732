// AAC as an encoder writes it: packets behind heads of their own (ADTS, ISO 14496-3, 1.A.2).

import type { FileHandle } from "node:fs/promises"

export type AacStream = {
  /** AudioSpecificConfig: what all packets have in common. */
  readonly config: Buffer
  readonly channels: number
  readonly rate: number
  /** Where in the stream each packet lies, without its head. */
  readonly offsets: Float64Array
  readonly bytes: Uint32Array
}

const RATES = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350]

/** Channels by their configuration: up to 5.1 as many, and then 7.1. */
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8]

const HEAD_BYTES = 7
const PIECE_BYTES = 2 ** 20

/** Finds the packets of a stream of any length; null where it is no whole stream of one kind of low-complexity AAC. */
export async function readAdts(file: FileHandle): Promise<AacStream | null> {
  const { size } = await file.stat()
  const [offsets, bytes]: [number[], number[]] = [[], []]
  const piece = Buffer.alloc(PIECE_BYTES)
  let [common, at]: [number | null, number] = [null, 0]
  let held = { start: 0, length: 0 }
  while (at < size) {
    if (at + HEAD_BYTES > held.start + held.length)
      held = { start: at, length: (await file.read(piece, 0, PIECE_BYTES, at)).bytesRead }
    const head = headOf(piece.subarray(at - held.start, held.length))
    if (head === null || at + head.packet > size || head.common !== (common ?? head.common)) return null
    common = head.common
    offsets.push(at + head.head)
    bytes.push(head.packet - head.head)
    at += head.packet
  }
  return common === null ? null : described(common, Float64Array.from(offsets), Uint32Array.from(bytes))
}

/** Lengths of a packet and of its head, and all that packets of a stream have in common. */
function headOf(bytes: Buffer): { readonly packet: number; readonly head: number; readonly common: number } | null {
  if (bytes.length < HEAD_BYTES || (bytes.readUInt16BE(0) & 0xfff6) !== 0xfff0) return null
  const head = (bytes.readUInt8(1) & 1) === 1 ? HEAD_BYTES : HEAD_BYTES + 2
  const packet = (bytes.readUInt32BE(3) >> 13) & 0x1fff
  return packet > head ? { packet, head, common: bytes.readUInt16BE(2) & 0xfdc0 } : null
}

function described(common: number, offsets: Float64Array, bytes: Uint32Array): AacStream | null {
  const [objectType, rateAt, channelsAt] = [(common >> 14) + 1, (common >> 10) & 0xf, (common >> 6) & 0x7]
  const [rate, channels] = [RATES[rateAt], CHANNELS[channelsAt]]
  if (objectType !== LOW_COMPLEXITY || rate === undefined || !channels) return null
  const config = Buffer.alloc(2)
  config.writeUInt16BE((objectType << 11) | (rateAt << 7) | (channelsAt << 3))
  return { config, channels, rate, offsets, bytes }
}

const LOW_COMPLEXITY = 2
