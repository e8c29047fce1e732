import { failure } from "../../../events/failure.ts"
import { done, failed, type Result } from "../../../events/result.ts"
import { bitsOf, DPX_UNSET, samplesPerRow } from "../../read/header/dpx-storage.ts"
import { boxHeight, numberNamed } from "../../read/header/model.ts"
import { type Element, endsEarly, type RowSamples, type Unpacks, unpackerOf } from "./element-samples.ts"
import { type DpxPacking, groupOf } from "./unpack-row.ts"

/**
 * Rows that are run-length encoded (SMPTE 268M, 5.4): a number whose lowest bit says whether the pixel behind it is
 * repeated or that many pixels follow, the rest of it how many. A row begins with a run of its own, on a word of 32 bits;
 * where that does not add up, right behind the row above. Fails: picture/damaged.
 */
export function runLengthRows(element: Element): Result<(row: number) => Result<RowSamples>> {
  const { bytes, part } = element
  const packing = numberNamed(part, "packing")
  const filling = packing === 0 || packing === 2 ? packing : 1
  const bits = bitsOf(part) as DpxPacking["bits"]
  const count = samplesPerRow(part)
  const unit = unitOf(element)
  const most = count + Math.ceil(count / unit)
  const unpacks = unpackerOf(element, bits === 10 || bits === 12 ? filling : 0, most)
  const start = startOf(element)
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

function startOf({ header, part }: Element): number {
  const own = numberNamed(part, "dataOffset") ?? 0
  const file = numberNamed(header.parts[0] ?? part, "imageOffset") ?? 0
  return [own, file].find((offset) => offset >= 1408 && offset !== DPX_UNSET) ?? 2048
}

type Rows = {
  readonly bytes: Element["bytes"]
  readonly count: number
  readonly unit: number
  /** Numbers that a row can take: one before every pixel. */
  readonly most: number
  readonly unpacks: Unpacks
  readonly group: { readonly samples: number; readonly bytes: number }
  readonly out: Uint16Array | Float32Array
}

type Walk = { readonly start: number; readonly height: number; readonly align: number }

/** Where the last row ends, where rows begin on such a boundary. */
function lastByte(rows: Rows, { start, height, align }: Walk): Result<number> {
  let offset = start
  for (let row = 0; row < height; row += 1) {
    const used = decodeRow(rows, offset)
    if (!used.ok) return used
    offset += Math.ceil(used.value / align) * align
  }
  return done(offset)
}

/** Fills `out` with the row that begins there; gives how many bytes it took. */
function decodeRow({ bytes, count, unit, most, unpacks, group, out }: Rows, offset: number): Result<number> {
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
