// Which frames a sequence shows, where some of them are not there.

import type { GapPolicy } from "../../../element/frame-ranges.ts"

/** Frames from `first` to `last`, inclusive. */
export type FrameRange = { readonly first: number; readonly last: number }

export type ShownFrames = {
  /**
   * For each frame of the movie, the picture that it shows: its place among the found frames, or behind them all for black.
   * Empty under `error` while a frame is missing.
   */
  readonly pictures: Int32Array
  /** Frames of the range that were not found, ascending. */
  readonly missing: Float64Array
  /** Found frames that lie outside the range and are not shown. */
  readonly outside: number
}

/** More frames than 24 hours have at 120 a second are no shot but a number that is none. */
const MOST_FRAMES = 24 * 3600 * 120

/**
 * What a movie of the range shows. `found` are the numbers of the frames that are there, ascending, none twice. null where
 * there is nothing to show: no frame lies in the range, or the range is beyond all reason.
 */
export function shownFrames(found: Float64Array, { first, last }: FrameRange, policy: GapPolicy): ShownFrames | null {
  const length = last - first + 1
  if (!(length >= 1 && length <= MOST_FRAMES)) return null
  const pictures = new Int32Array(length)
  const missing: number[] = []
  let next = found.findIndex((frame) => frame >= first)
  if (next < 0 || (found[next] ?? Number.NaN) > last) return null
  const before = next
  let shown = 0
  for (let frame = first; frame <= last; frame++) {
    if (found[next] === frame) {
      pictures[shown++] = next++
      continue
    }
    missing.push(frame)
    if (policy === "hold") pictures[shown++] = Math.max(before, next - 1)
    if (policy === "black") pictures[shown++] = found.length
  }
  return {
    pictures: pictures.subarray(0, policy === "error" && missing.length > 0 ? 0 : shown),
    missing: Float64Array.from(missing),
    outside: before + found.length - next,
  }
}
