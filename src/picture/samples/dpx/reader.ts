import { failure } from "../../../events/failure.ts"
import type { Selection } from "../../../events/records.generated.ts"
import { done, failed, type Result } from "../../../events/result.ts"
import { DPX_UNSET } from "../../header/dpx.ts"
import { boxHeight, boxWidth, type HeaderPart, numberNamed, type PictureHeader } from "../../header/model.ts"
import { dpxRowBytes } from "../../select/dpx-rows.ts"
import type { ByteSource, SampleReader, SampleRow, VisitRow } from "../index.ts"
import { type DpxPacking, rowUnpacker, valuesOf } from "./unpack-row.ts"

/** Bytes that are read at once, if a row is not longer. */
const READ_BYTES = 2 ** 20
/** Room behind a row's codes for the rest of a word. */
const SPARE_CODES = 2

/**
 * Why a DPX is not read here, from its header alone; null where it is. Read are 8, 10, 12 and 16 bits unsigned, packed
 * or filled, of the descriptors that selection shows.
 */
export function dpxReaderProblem(part: HeaderPart): string | null {
  const bits = numberNamed(part, "bitDepth") ?? 0
  if (part.compression !== "none") return "Run-length encoded DPX pictures are not read."
  if (![8, 10, 12, 16].includes(bits)) return `DPX pictures of ${bits} bits are not read.`
  if (numberNamed(part, "dataSign") !== 0) return "DPX pictures of signed samples are not read."
  if ((bits === 10 || bits === 12) && (numberNamed(part, "packing") ?? 0) > 2) return "This DPX packing is not read."
  return null
}

/**
 * Reads the shown channels of a DPX as 0..1, code / (2^bits - 1), in the file's own order of rows and columns:
 * orientation is the pixel path's. Fails: picture/unsupported, picture/damaged.
 */
export function openDpxReader(bytes: ByteSource, header: PictureHeader, selection: Selection): Result<SampleReader> {
  const part = header.parts[selection.part]
  if (part === undefined) return failed(failure("picture/damaged", "The DPX has no image element."))
  const problem = dpxReaderProblem(part)
  if (problem !== null) return failed(failure("picture/unsupported", problem))
  const places = selection.channels.map((name) => part.channels.findIndex((channel) => channel.name === name))
  const offset = numberNamed(part, "dataOffset") ?? DPX_UNSET
  const littleEndian = bytes.readAt(0, 1)[0] === "X".charCodeAt(0)
  if (places.length !== 3 || places.includes(-1))
    return failed(failure("picture/unsupported", "The DPX does not have the channels that are to be shown."))
  const end = offset + dpxRowBytes(part) * boxHeight(part.dataWindow)
  if (end > bytes.sizeBytes) return failed(endsEarly(bytes.sizeBytes, end))
  return done(readerOf(bytes, { part, offset, littleEndian, places: [places[0] ?? 0, places[1] ?? 0, places[2] ?? 0] }))
}

const endsEarly = (sizeBytes: number, end: number): ReturnType<typeof failure> =>
  failure("picture/damaged", `The DPX ends at byte ${sizeBytes}, its pixels at ${end}: it is truncated.`)

type Layout = {
  readonly part: HeaderPart
  readonly offset: number
  readonly littleEndian: boolean
  readonly places: readonly [number, number, number]
}

function readerOf(bytes: ByteSource, layout: Layout): SampleReader {
  const [width, height] = [boxWidth(layout.part.dataWindow), boxHeight(layout.part.dataWindow)]
  const rowBytes = dpxRowBytes(layout.part)
  const rowsAtOnce = Math.max(1, Math.floor(READ_BYTES / rowBytes))
  const visitBytes = rowVisitor(layout, width)
  return {
    width,
    height,
    readRows({ first, last }, visit) {
      for (let row = first; row <= last; row += rowsAtOnce) {
        const rows = Math.min(rowsAtOnce, last - row + 1)
        const offset = layout.offset + row * rowBytes
        const read = bytes.readAt(offset, rows * rowBytes)
        if (read.length < rows * rowBytes) return failed(endsEarly(offset + read.length, offset + rows * rowBytes))
        for (let n = 0; n < rows; n++) visitBytes(read.subarray(n * rowBytes, (n + 1) * rowBytes), row + n, visit)
      }
      return done(undefined)
    },
  }
}

function rowVisitor({ part, littleEndian, places }: Layout, width: number) {
  const packing = packingOf(part, littleEndian)
  const unpack = rowUnpacker(packing)
  const values = valuesOf(packing.bits)
  const count = width * packing.channels
  const codes = new Uint16Array(count + SPARE_CODES)
  const red = new Float32Array(width)
  const isGrey = places[0] === places[1]
  const samples: SampleRow = isGrey ? [red, red, red] : [red, new Float32Array(width), new Float32Array(width)]
  return (bytes: Uint8Array, row: number, visit: VisitRow): void => {
    unpack(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), codes, count)
    for (let channel = 0; channel < (isGrey ? 1 : 3); channel++)
      spread(codes, samples[channel] as Float32Array, values, {
        place: places[channel] as number,
        step: packing.channels,
      })
    visit(row, samples)
  }
}

function packingOf(part: HeaderPart, littleEndian: boolean): DpxPacking {
  const packing = numberNamed(part, "packing") ?? 0
  return {
    bits: (numberNamed(part, "bitDepth") ?? 8) as DpxPacking["bits"],
    filling: packing === 0 ? 0 : packing === 1 ? 1 : 2,
    littleEndian,
    channels: part.channels.length,
  }
}

type Place = { readonly place: number; readonly step: number }

function spread(codes: Uint16Array, samples: Float32Array, values: Float32Array, { place, step }: Place): void {
  for (let x = 0, at = place; x < samples.length; x++, at += step) samples[x] = values[codes[at] as number] as number
}
