/** Reading the samples of the shown channels, row by row: the port that the readers of EXR and DPX implement. */

import type { Result } from "../../events/result.ts"

/**
 * One row of the shown picture: three rows of samples (R, G, B), as long as the data window is wide. Grey is the same
 * array three times. They belong to the reader: valid until the visitor returns.
 */
export type SampleRow = readonly [red: Float32Array, green: Float32Array, blue: Float32Array]

/** `row` counts from 0 at the top of the data window. */
export type VisitRow = (row: number, samples: SampleRow) => void

/** Rows of the data window, both inclusive, from 0 at its top. */
export type RowRange = { readonly first: number; readonly last: number }

/**
 * Reads the samples of the shown channels, row by row: what every format's reader gives, and what the one pixel path
 * takes. Values are as the file has them (half and float as they are, NaN and infinities too; integers scaled to 0..1),
 * before any colour conversion. It holds a few rows or one row of tiles, never a whole picture.
 */
export interface SampleReader {
  /** Columns of the data window. */
  readonly width: number
  /** Rows of the data window. */
  readonly height: number
  /**
   * Visits each row of `rows` once, from the top down, whatever order the file keeps them in. Works at once, in a thread
   * of its own. Fails: picture/damaged, picture/unsupported, picture/over-limit, source/gone, store/*.
   */
  readRows(rows: RowRange, visit: VisitRow): Result<void>
}

/** A file that is read where one likes, at once: for threads that do nothing else. */
export interface ByteSource {
  readonly sizeBytes: number
  /** Bytes [offset, offset + lengthBytes); fewer where the file ends. They are valid until the next call. */
  readAt(offset: number, lengthBytes: number): Uint8Array
}
