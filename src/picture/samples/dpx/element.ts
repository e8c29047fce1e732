import { done, failed, failure, type Result } from "../../../events/result.ts"
import { bitsOf, dpxStorage, pixelOffsets, samplesPerRow } from "../../read/header/dpx-storage.ts"
import { boxHeight, type HeaderPart, numberNamed, type PictureHeader } from "../../read/header/model.ts"
import type { ByteSource } from "../index.ts"
import { legalRange } from "./kinds.ts"
import { type DpxPacking, groupOf, rowUnpacker, valuesOf } from "./unpack-row.ts"

/** Bytes that are read at once, if a row is not longer. */
const READ_BYTES = 2 ** 20

/** One image element. Rows are asked for from the top down. */
export type ElementRows = {
  readonly height: number
  readonly row: (row: number) => Result<RowSamples>
  /** What each code means; null for floats, which mean themselves. */
  readonly values: Float32Array | null
}

/** Opens the rows of an image element. Fails: picture/damaged. */
export function openElement(element: Element): Result<ElementRows> {
  const { bytes, header, part } = element
  const bits = bitsOf(part)
  const values = bits >= 32 ? null : valuesOf(bits, legalRange(part))
  if (part.compression === "rle") {
    const rows = runLengthRows(element)
    return rows.ok ? done({ height: boxHeight(part.dataWindow), row: rows.value, values }) : rows
  }
  const finding = dpxStorage(header, part, bytes.sizeBytes)
  if (finding.is === "cut") return failed(endsEarly(bytes.sizeBytes, finding.end))
  const { offset, rowBytes, filling } = finding.storage
  const unpacks = unpackerOf(element, filling)
  const spans = rowBytes === null ? runningOn(offset, part, filling) : evenly(offset, rowBytes)
  return done({ height: boxHeight(part.dataWindow), row: blockwise(element, spans, unpacks), values })
}

/** Where a row's bytes are, and how many samples of them belong to the row above. */
type Span = { readonly offset: number; readonly lengthBytes: number; readonly skip: number }

const evenly =
  (offset: number, rowBytes: number) =>
  (row: number): Span => ({ offset: offset + row * rowBytes, lengthBytes: rowBytes, skip: 0 })

function runningOn(offset: number, part: HeaderPart, filling: DpxPacking["filling"]) {
  const count = samplesPerRow(part)
  const group = groupOf({ bits: bitsOf(part) as DpxPacking["bits"], filling })
  return (row: number): Span => {
    const groups = Math.floor((row * count) / group.samples)
    const skip = row * count - groups * group.samples
    // The last group may be cut where the samples end, down to whole words.
    const words = Math.ceil((((skip + count) / group.samples) * group.bytes) / 4)
    return { offset: offset + groups * group.bytes, lengthBytes: words * 4, skip }
  }
}

/** Many rows are read at once; what is read is kept, since elements take turns at the file. */
function blockwise({ bytes, part }: Element, spanOf: (row: number) => Span, { count, unpack }: Unpacks) {
  const height = boxHeight(part.dataWindow)
  let block = { offset: 0, bytes: new Uint8Array(0) }
  const holds = ({ offset, lengthBytes }: Span): boolean =>
    offset >= block.offset && offset + lengthBytes <= block.offset + block.bytes.length
  return (row: number): Result<RowSamples> => {
    const span = spanOf(row)
    if (!holds(span)) {
      const last = spanOf(height - 1)
      const rest = last.offset + last.lengthBytes - span.offset
      const wanted = Math.max(span.lengthBytes, Math.min(rest, READ_BYTES))
      block = { offset: span.offset, bytes: bytes.readAt(span.offset, wanted).slice() }
      if (!holds(span)) return failed(endsEarly(span.offset + block.bytes.length, span.offset + span.lengthBytes))
    }
    const at = block.bytes.byteOffset + span.offset - block.offset
    const view = new DataView(block.bytes.buffer, at, span.lengthBytes)
    return done({ samples: unpack(view, span.skip + count), first: span.skip })
  }
}

/** Room behind a row's codes for the rest of a word, and before them for what runs on from the row above. */
const SPARE_CODES = 32

/** Samples of one row in the file's order, from `first` on; valid until the next row is asked for. */
export type RowSamples = { readonly samples: Uint16Array | Float32Array; readonly first: number }

type Element = {
  readonly bytes: ByteSource
  readonly header: PictureHeader
  readonly part: HeaderPart
  readonly littleEndian: boolean
}

const endsEarly = (sizeBytes: number, end: number): ReturnType<typeof failure> =>
  failure("picture/damaged", `The DPX ends at byte ${sizeBytes}, its pixels at ${end}: it is truncated.`)

/** Samples of a row's bytes; `count` of them. */
type Unpacks = {
  readonly count: number
  readonly unpack: (row: DataView, count: number) => RowSamples["samples"]
}

function unpackerOf({ part, littleEndian }: Element, filling: DpxPacking["filling"], most?: number): Unpacks {
  const bits = bitsOf(part)
  const count = samplesPerRow(part)
  if (bits >= 32) {
    const samples = new Float32Array(most ?? count)
    return { count, unpack: (row, wanted) => floats(row, samples, { bits, count: wanted, littleEndian }) }
  }
  const codes = new Uint16Array((most ?? count) + SPARE_CODES)
  const single = part.channels.length === 1
  const unpack = rowUnpacker({ bits: bits as DpxPacking["bits"], filling, littleEndian, single })
  return {
    count,
    unpack: (row, wanted) => {
      unpack(row, codes, wanted)
      return codes
    },
  }
}

type FloatSamples = { readonly bits: number; readonly count: number; readonly littleEndian: boolean }

function floats(row: DataView, samples: Float32Array, { bits, count, littleEndian }: FloatSamples): Float32Array {
  for (let n = 0; n < count; n++)
    samples[n] = bits === 32 ? row.getFloat32(n * 4, littleEndian) : row.getFloat64(n * 8, littleEndian)
  return samples
}

/**
 * Rows that are run-length encoded (SMPTE 268M, 5.4): a number whose lowest bit says whether the pixel behind it is
 * repeated or that many pixels follow, the rest of it how many. A row begins with a run of its own, on a word of 32 bits;
 * where that does not add up, right behind the row above. Fails: picture/damaged.
 */
function runLengthRows(element: Element): Result<(row: number) => Result<RowSamples>> {
  const { bytes, header, part } = element
  const packing = numberNamed(part, "packing")
  const filling = packing === 0 || packing === 2 ? packing : 1
  const bits = bitsOf(part) as DpxPacking["bits"]
  const count = samplesPerRow(part)
  const unit = unitOf(element)
  const most = count + Math.ceil(count / unit)
  const unpacks = unpackerOf(element, bits === 10 || bits === 12 ? filling : 0, most)
  const [start = 0] = pixelOffsets(header, part, bytes.sizeBytes)
  const group = bits >= 32 ? { samples: 1, bytes: bits / 8 } : groupOf({ bits, filling })
  const out = bits >= 32 ? new Float32Array(count) : new Uint16Array(count)
  const rows = { bytes, count, unit, most, unpacks, group, out }
  const aligned = lastByte(rows, { start, height: boxHeight(part.dataWindow), align: 4 })
  const align = aligned.ok && aligned.value <= bytes.sizeBytes + 3 ? 4 : group.bytes % 4 === 0 ? 4 : group.bytes
  let [next, offset] = [0, start]
  return done((row) => {
    if (row < next) [next, offset] = [0, start]
    while (next <= row) {
      const used = decodeRow(rows, offset)
      if (!used.ok) return used
      offset += Math.ceil(used.value / align) * align
      next += 1
    }
    return done({ samples: out, first: 0 })
  })
}

/** Samples that a run repeats: a pixel, or half of a pair where chroma has half the width. */
function unitOf({ part }: Element): number {
  const descriptor = numberNamed(part, "descriptor") ?? 0
  if (descriptor === 100) return 2
  return descriptor === 101 ? 3 : part.channels.length
}

type RunLengthRows = {
  readonly bytes: Element["bytes"]
  readonly count: number
  readonly unit: number
  /** Numbers that a row can take: one before every pixel. */
  readonly most: number
  readonly unpacks: Unpacks
  readonly group: { readonly samples: number; readonly bytes: number }
  readonly out: Uint16Array | Float32Array
}

type RowWalk = { readonly start: number; readonly height: number; readonly align: number }

/** Where the last row ends, where rows begin on such a boundary. */
function lastByte(rows: RunLengthRows, { start, height, align }: RowWalk): Result<number> {
  let offset = start
  for (let row = 0; row < height; row += 1) {
    const used = decodeRow(rows, offset)
    if (!used.ok) return used
    offset += Math.ceil(used.value / align) * align
  }
  return done(offset)
}

/** Fills `out` with the row that begins there; gives how many bytes it took. */
function decodeRow({ bytes, count, unit, most, unpacks, group, out }: RunLengthRows, offset: number): Result<number> {
  const wanted = Math.ceil(most / group.samples) * group.bytes
  const read = bytes.readAt(offset, wanted)
  const whole = Math.floor(read.length / group.bytes) * group.samples
  const view = new DataView(read.buffer, read.byteOffset, read.byteLength)
  const there = Math.min(whole, most)
  const codes = unpacks.unpack(view, there)
  let [at, filled] = [0, 0]
  while (filled < count) {
    const flag = at < there ? (codes[at] as number) : Number.NaN
    const runLength = Math.floor(flag / 2) * unit
    const isRepeated = flag % 2 === 1
    const end = at + 1 + (isRepeated ? unit : runLength)
    if (!(end <= there)) return failed(endsEarly(offset + read.length, offset + wanted))
    if (runLength === 0 || filled + runLength > count) return failed(INCONSISTENT)
    for (let n = 0; n < runLength; n++) out[filled + n] = codes[at + 1 + (isRepeated ? n % unit : n)] as number
    filled += runLength
    at = end
  }
  return done(Math.ceil(at / group.samples) * group.bytes)
}

const INCONSISTENT = failure("picture/damaged", "A run of the run-length encoded DPX is empty, or longer than its row.")
