import type { Result } from "../../../events/result.ts"
import type { PictureHeader } from "../../read/header/model.ts"
import type { ByteSource, RowRange } from "../index.ts"

/** One channel as a plane of its own, with as many columns and rows as it has samples. */
export type Plane = {
  readonly name: string
  readonly xSampling: number
  readonly ySampling: number
  /** Data window's width / xSampling, which divides it without a rest. */
  readonly columns: number
  /** Data window's height / ySampling, which divides it without a rest. */
  readonly rows: number
}

/**
 * Row `row` of the data window, from 0 at its top: one row of samples a plane, in the planes' order, `columns` long;
 * null for a plane without samples there (only every ySampling-th row has some, row 0 always). They belong to the
 * reader: valid until the visitor returns.
 */
export type VisitPlanes = (row: number, samples: readonly (Float32Array | null)[]) => void

/** Reads channels as they are stored: subsampled ones as short rows, at every ySampling-th row. */
export interface PlaneReader {
  /** Columns of the data window. */
  readonly width: number
  /** Rows of the data window. */
  readonly height: number
  /** The channels asked for, in that order. */
  readonly planes: readonly Plane[]
  /** Visits each row of `rows` once, from the top down. Fails like SampleReader.readRows. */
  readRows(rows: RowRange, visit: VisitPlanes): Result<void>
}

/** Which channels of which part; no name twice. */
export type PlaneRequest = {
  /** Index into the header's parts. */
  readonly part: number
  readonly channels: readonly string[]
  /** Bytes that one unpacked chunk, or one row of tiles, may take; 256 MiB where absent. */
  readonly limitBytes?: number
}

/**
 * `openPlaneReader` in plane-reader.ts. Nothing of the pixels is read yet, but the offset table is.
 * Fails: picture/unsupported (compression, deep, levels), picture/damaged, picture/over-limit,
 * picture/no-displayable-channels (no such channel), source/gone, store/*.
 */
export type OpenPlaneReader = (bytes: ByteSource, header: PictureHeader, request: PlaneRequest) => Result<PlaneReader>
