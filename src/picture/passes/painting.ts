import type { DataPass } from "../index.ts"

/** A row of each channel of a pass, as floats; those of `uint` channels hold the integers' bits. */
export type PassRow = readonly Float32Array[]

/** How a pass becomes a picture, row by row. */
export type Painting = {
  /** What is written: Y alone for grey, or R, G and B. */
  readonly channels: readonly string[]
  /** Is shown every row before the first is painted; null where nothing has to be measured. */
  readonly measure: ((row: PassRow) => void) | null
  /** One row, into as many as there are channels to write. */
  readonly paint: (row: PassRow, into: readonly Float32Array[]) => void
  /** What was measured, a sentence each; asked after the measuring. */
  readonly says: () => readonly string[]
  /** Whether the measuring showed that the source is right as it is: asked before the painting. */
  readonly isNeedless?: () => boolean
}

/** A pass, and which of its channels are integers. */
export type PaintedPass = DataPass & { readonly integers: readonly boolean[] }
