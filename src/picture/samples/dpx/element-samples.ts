import { failure } from "../../../events/failure.ts"
import { bitsOf, samplesPerRow } from "../../read/header/dpx-storage.ts"
import type { HeaderPart, PictureHeader } from "../../read/header/model.ts"
import type { ByteSource } from "../index.ts"
import { type DpxPacking, rowUnpacker } from "./unpack-row.ts"

/** Room behind a row's codes for the rest of a word, and before them for what runs on from the row above. */
const SPARE_CODES = 32

/** Samples of one row in the file's order, from `first` on; valid until the next row is asked for. */
export type RowSamples = { readonly samples: Uint16Array | Float32Array; readonly first: number }

export type Element = {
  readonly bytes: ByteSource
  readonly header: PictureHeader
  readonly part: HeaderPart
  readonly littleEndian: boolean
}

export const endsEarly = (sizeBytes: number, end: number): ReturnType<typeof failure> =>
  failure("picture/damaged", `The DPX ends at byte ${sizeBytes}, its pixels at ${end}: it is truncated.`)

/** Samples of a row's bytes; `count` of them. */
export type Unpacks = {
  readonly count: number
  readonly unpack: (row: DataView, count: number) => RowSamples["samples"]
}

export function unpackerOf({ part, littleEndian }: Element, filling: DpxPacking["filling"], most?: number): Unpacks {
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

type Floats = { readonly bits: number; readonly count: number; readonly littleEndian: boolean }

function floats(row: DataView, samples: Float32Array, { bits, count, littleEndian }: Floats): Float32Array {
  for (let n = 0; n < count; n++)
    samples[n] = bits === 32 ? row.getFloat32(n * 4, littleEndian) : row.getFloat64(n * 8, littleEndian)
  return samples
}
