// Which number a frame of a movie has, and which timecode.

import { fitsRate, framesSinceMidnight, timecodeAt } from "../picture/encode/timecode.ts"
import { runsOf, spanOf } from "../sequence/bar-cells.ts"
import type { Shot, Sprites } from "./index.ts"

/** Numbers of a movie's frames, both ways. */
export type FrameNumbers = {
  /** Of the frame at an index that counts from 0. */
  readonly at: (index: number) => number
  /** Index of the frame of that number, else of the nearest one before it; 0 where there is none. */
  readonly indexOf: (number: number) => number
}

/** A movie shows every frame between the first and the last, but where gaps are skipped: those that are made. */
export function frameNumbers({
  made,
  failed,
  missing,
  gaps,
}: Pick<Shot, "made" | "failed" | "missing" | "gaps">): FrameNumbers {
  // One run: a fact cuts short what is missing where that is in very many pieces.
  const shown = gaps === "skip" ? runsOf(made) : [spanOf(runsOf([made, failed, missing].join(","))) ?? []].flat()
  let before = 0
  const runs = shown
    .toSorted((one, other) => one.first - other.first)
    .map(({ first, last }) => {
      const run = { first, last, before }
      before += last - first + 1
      return run
    })
  return {
    at: (index) => {
      const run = runs.findLast((one) => one.before <= index) ?? runs[0]
      return run === undefined ? index : run.first + (index - run.before)
    },
    indexOf: (number) => {
      const run = runs.findLast((one) => one.first <= number)
      return run === undefined ? 0 : run.before + Math.min(number, run.last) - run.first
    },
  }
}

/** Timecode of a movie's frame; null where it has none, or none that fits its rate. */
export function timecodeOf({ timecode, rate }: Pick<Shot, "timecode" | "rate">, index: number): string | null {
  if (timecode === null || rate === null || !fitsRate(timecode, rate)) return null
  const counting = timecode.includes(";") ? "drop-frame" : "all"
  return timecodeAt(framesSinceMidnight(timecode, rate) + index, rate, counting)
}

/** Index of the frame at a place of the bar, from 0 to 1. */
export const indexAt = (place: number, frames: number): number =>
  Math.max(0, Math.min(frames - 1, Math.floor(place * frames)))

/** Where the cell of a frame is on the sheet of sprites, counted in cells. */
export function spriteAt(
  { moments, columns }: Sprites,
  index: number,
): { readonly column: number; readonly row: number } {
  const [, cell] = moments.findLast(([from]) => from <= index) ?? [0, 0]
  return { column: cell % columns, row: Math.floor(cell / columns) }
}
