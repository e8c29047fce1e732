/** Passes of data (depth, normals, ids, ...) painted as colours, so that they are rendered like a picture. */

import type { DataPass } from "../model.ts"

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

/** Smallest and largest of values that came by, and how many were left out. */
export type Extent = {
  readonly include: (value: number) => void
  readonly exclude: () => void
  readonly low: () => number
  readonly high: () => number
  readonly excluded: () => number
}

/** Before the first value low and high are 0 and 1. */
export function createExtent(): Extent {
  let [low, high, excluded] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
  return {
    include(value) {
      if (value < low) low = value
      if (value > high) high = value
    },
    exclude() {
      excluded++
    },
    low: () => (low <= high ? low : 0),
    high: () => (low <= high ? high : 1),
    excluded: () => excluded,
  }
}

/** Where a value stands between two, from 0 to 1; in the middle where these are the same. NaN is 0. */
export function between(value: number, black: number, white: number): number {
  const place = black === white ? 0.5 : (value - black) / (white - black)
  return place > 0 ? Math.min(1, place) : 0
}

/** A number as a sentence says it: single precision has seven digits, of which four tell a range. */
export const numberText = (value: number): string => String(Number(value.toPrecision(4)))
