/** Smallest and largest of values that came by, and how many were left out. */
export type Extent = {
  readonly look: (value: number) => void
  readonly leaveOut: () => void
  readonly low: () => number
  readonly high: () => number
  readonly leftOut: () => number
}

/** Before the first value low and high are 0 and 1. */
export function createExtent(): Extent {
  let [low, high, leftOut] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
  return {
    look(value) {
      if (value < low) low = value
      if (value > high) high = value
    },
    leaveOut() {
      leftOut++
    },
    low: () => (low <= high ? low : 0),
    high: () => (low <= high ? high : 1),
    leftOut: () => leftOut,
  }
}

/** Where a value stands between two, from 0 to 1; in the middle where these are the same. NaN is 0. */
export function between(value: number, black: number, white: number): number {
  const place = black === white ? 0.5 : (value - black) / (white - black)
  return place > 0 ? Math.min(1, place) : 0
}

/** A number as a sentence says it: single precision has seven digits, of which four tell a range. */
export const said = (value: number): string => String(Number(value.toPrecision(4)))
