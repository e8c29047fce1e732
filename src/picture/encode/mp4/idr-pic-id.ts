// The number that tells a picture from the one before it, where both are such that a decoder can start at them.

import { parameterSetsOf } from "./avc-configuration.ts"
import { type BitReader, payloadStart, readBits, withEmulationPrevention, withoutEmulationPrevention } from "./bits.ts"
import { NAL, nalType, sampleOf, unitsBehindLengths, withoutZerosBehind } from "./nal-units.ts"
import {
  type PictureParameters,
  pictureParameters,
  type SequenceParameters,
  sequenceParameters,
} from "./parameter-sets.ts"

/** 0 and 1 by turns do. */
export type IdrPicId = 0 | 1

/**
 * Writes another `idr_pic_id` into the slices of a sample, and leaves the picture what it is: consecutive IDR pictures must
 * differ in the number (ITU-T H.264, 7.4.3), and pictures that were encoded one by one all have 0. Answers null where a
 * slice cannot be rewritten.
 */
export type RewriteIdrPicId = (sample: Uint8Array, id: IdrPicId) => Buffer | null

/** For samples with this configuration `avcC`; null where no slice of theirs can be rewritten: fields, slice groups. */
export function idrPicIdRewriter(avcC: Uint8Array): RewriteIdrPicId | null {
  const parameters = parametersOf(avcC)
  return parameters === null ? null : (sample, id) => rewritten(sample, id, parameters)
}

/**
 * What takes the place of the first bytes of a sample of `bytes` bytes, of which `start` is the start, so that its size is
 * known, and it can be piped, without its rest. null also where that takes more of the sample than `start`: all of it for
 * CAVLC and for pictures in several slices.
 */
export type RewriteStart = (start: Uint8Array, bytes: number, id: IdrPicId) => RewrittenStart | null

/** The first `replaced` bytes become `by`. */
export type RewrittenStart = { readonly replaced: number; readonly by: Buffer }

/** For samples with this configuration, as {@link idrPicIdRewriter}. */
export function idrPicIdStartRewriter(avcC: Uint8Array): RewriteStart | null {
  const parameters = parametersOf(avcC)
  if (parameters === null) return null
  return (start, bytes, id) => {
    const first = rewrittenStart({ start, bytes }, id, parameters)
    if (first !== null || start.length < bytes) return first
    const whole = rewritten(start.subarray(0, bytes), id, parameters)
    return whole === null ? null : { replaced: bytes, by: whole }
  }
}

function parametersOf(avcC: Uint8Array): Parameters | null {
  const sets = parameterSetsOf(avcC)
  const [sps, another] = sets?.sps ?? []
  if (sets === null || sps === undefined || another !== undefined) return null
  const sequence = sequenceParameters(sps)
  const pictures = sets.pps.map(pictureParameters)
  const areUsual = sequence.isProgressive && pictures.every(({ sliceGroups }) => sliceGroups === 1)
  return areUsual ? { sequence, pictures } : null
}

type Parameters = { readonly sequence: SequenceParameters; readonly pictures: readonly PictureParameters[] }

function rewritten(sample: Uint8Array, id: IdrPicId, parameters: Parameters): Buffer | null {
  const units = unitsBehindLengths(sample)
  if (units === null || units.some((unit) => nalType(unit) < NAL.idr)) return null
  const written: Uint8Array[] = []
  for (const unit of units) {
    const slice = nalType(unit) === NAL.idr ? sliceWithId(unit, id, parameters) : { head: unit, behind: NOTHING }
    if (slice === null) return null
    written.push(slice.behind.length === 0 ? slice.head : Buffer.concat([slice.head, slice.behind]))
  }
  return sampleOf(written)
}

type SampleStart = { readonly start: Uint8Array; readonly bytes: number }

function rewrittenStart({ start, bytes }: SampleStart, id: IdrPicId, parameters: Parameters): RewrittenStart | null {
  const sample = Buffer.from(start.buffer, start.byteOffset, Math.min(start.length, bytes))
  let from = LENGTH_BYTES
  while (from < sample.length) {
    const length = sample.readUInt32BE(from - LENGTH_BYTES)
    const unit = sample.subarray(from, Math.min(from + length, sample.length))
    const type = nalType(unit)
    if (type === NAL.idr && from + length === bytes) {
      const slice = sliceWithId(unit, id, parameters)
      return slice?.behind.length === 0 && sample.length < bytes ? null : startOfLast(sample, from, slice)
    }
    if (length === 0 || type <= NAL.idr) return null
    from += length + LENGTH_BYTES
  }
  return null
}

/** The slice starts at `from` of a sample and is its last unit. */
function startOfLast(sample: Buffer, from: number, slice: Slice | null): RewrittenStart | null {
  if (slice === null || !slice.isCabac) return null
  const replaced = sample.length - slice.behind.length
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(sample.readUInt32BE(from - LENGTH_BYTES) + slice.head.length - (replaced - from))
  return { replaced, by: Buffer.concat([sample.subarray(0, from - LENGTH_BYTES), length, slice.head]) }
}

const LENGTH_BYTES = 4
const NOTHING = Buffer.alloc(0)

/** A slice in two pieces: what was written again, and what is as it was. */
type Slice = { readonly isCabac: boolean; readonly head: Uint8Array; readonly behind: Uint8Array }

function sliceWithId(unit: Uint8Array, id: IdrPicId, parameters: Parameters): Slice | null {
  const start = payloadStart(unit, LONGEST_HEAD)
  const head = headOf(start.payload, parameters)
  if (head === null) return null
  const { isCabac } = head
  if (head.id === id) return { isCabac, head: unit.subarray(0, 1), behind: unit.subarray(1) }
  const before = bitsOf(start.payload, 0, head.idStart) + (id === 0 ? "1" : "010")
  if (isCabac) return { isCabac, head: copiedBehind(before, start.payload, head), behind: start.behind }
  return { isCabac, head: shiftedBehind(before, withoutEmulationPrevention(unit), head), behind: NOTHING }
}

/** Bytes: no head of an I slice comes near it. */
const LONGEST_HEAD = 96

/**
 * In CABAC, macroblocks start at a whole byte behind the slice's head, which is filled up with ones: they are copied.
 * Written again are the head, its alignment, and the emulation prevention around it.
 */
function copiedBehind(before: string, payload: Buffer, { idEnd, end }: SliceHead): Buffer {
  const head = before + bitsOf(payload, idEnd, end)
  const bytes = bytesOfBits(head.padEnd(roundedUp(head.length), "1"))
  return withEmulationPrevention(Buffer.concat([bytes, payload.subarray(roundedUp(end) / 8)]))
}

/** In CAVLC, macroblocks follow at once: all bits move, up to the one that ends them, which zeros fill up. */
function shiftedBehind(before: string, payload: Buffer, { idEnd }: SliceHead): Buffer {
  const whole = before + bitsOf(payload, idEnd, roundedUp(idEnd))
  const data = payload.subarray(roundedUp(idEnd) / 8)
  const shift = whole.length % 8
  const bytes = Buffer.alloc(Math.floor(whole.length / 8) + data.length + 1)
  bytes.set(bytesOfBits(whole.slice(0, whole.length - shift)))
  let [at, carried] = [Math.floor(whole.length / 8), Number.parseInt(`0${whole.slice(whole.length - shift)}`, 2)]
  for (const byte of data) {
    const bits = (carried << 8) | byte
    bytes[at++] = bits >> shift
    carried = bits & ((1 << shift) - 1)
  }
  bytes[at] = carried << (8 - shift)
  return withEmulationPrevention(withoutZerosBehind(bytes))
}

const roundedUp = (bits: number): number => Math.ceil(bits / 8) * 8

const bytesOfBits = (bits: string): Buffer =>
  Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))

function bitsOf(payload: Uint8Array, from: number, to: number): string {
  const first = Math.floor(from / 8)
  const bits = Array.from(payload.subarray(first, roundedUp(to) / 8), (byte) => byte.toString(2).padStart(8, "0"))
  return bits.join("").slice(from - first * 8, to - first * 8)
}

/** Where the number stands, and where the head ends: bits of the payload. */
type SliceHead = {
  readonly isCabac: boolean
  readonly id: number
  readonly idStart: number
  readonly idEnd: number
  readonly end: number
}

/** I slices, as slice_type says. */
const I_SLICES: readonly number[] = [2, 7]

/** The head of an IDR slice (7.3.3); null where it is another's, or where CABAC does not start behind ones up to a whole byte. */
function headOf(payload: Uint8Array, { sequence, pictures }: Parameters): SliceHead | null {
  const reader = readBits(payload)
  reader.bits(8)
  reader.ue()
  const isIntra = I_SLICES.includes(reader.ue())
  const parameterSet = reader.ue()
  const picture = pictures.find(({ id }) => id === parameterSet)
  if (!isIntra || picture === undefined) return null
  reader.bits((sequence.hasColourPlanes ? 2 : 0) + sequence.frameNumBits)
  const idStart = reader.position()
  const id = reader.ue()
  const idEnd = reader.position()
  passOrder(reader, sequence, picture)
  if (picture.hasRedundantPictures) reader.ue()
  reader.bits(2)
  reader.se()
  if (picture.hasDeblocking && reader.ue() !== 1) passOffsets(reader)
  const end = reader.position()
  const { isCabac } = picture
  const isAligned = !isCabac || /^1*$/.test(bitsOf(payload, end, roundedUp(end)))
  return end < payload.length * 8 && isAligned ? { isCabac, id, idStart, idEnd, end } : null
}

/** pic_order_cnt_lsb, or differences of the count: one, and a second where fields have counts of their own. */
function passOrder(reader: BitReader, sequence: SequenceParameters, { hasFieldOrder }: PictureParameters): void {
  const { orderType, orderBits, isOrderDeltaZero } = sequence
  reader.bits(orderBits)
  const hasDeltas = orderType === 1 && !isOrderDeltaZero
  if (hasDeltas) reader.se()
  if (hasFieldOrder && (orderType === 0 || hasDeltas)) reader.se()
}

function passOffsets(reader: BitReader): void {
  reader.se()
  reader.se()
}
