import { done, failed, type Result } from "../../../events/result.ts"
import { bitsOf, dpxStorage, samplesPerRow } from "../../read/header/dpx-storage.ts"
import { boxHeight, type HeaderPart } from "../../read/header/model.ts"
import { type Element, endsEarly, type RowSamples, type Unpacks, unpackerOf } from "./element-samples.ts"
import { legalRange } from "./kinds.ts"
import { runLengthRows } from "./run-length.ts"
import { type DpxPacking, groupOf, valuesOf } from "./unpack-row.ts"

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
export type Span = { readonly offset: number; readonly lengthBytes: number; readonly skip: number }

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
