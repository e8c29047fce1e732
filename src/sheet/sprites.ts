// The cues of a sheet of sprites, read back: which cell stands for which frames.

import type { Rate, SpriteCells } from "./index.ts"

const CUE = /^(\d+):(\d\d):(\d\d)\.(\d{3}) --> .*\n.*#xywh=(\d+),(\d+),(\d+),(\d+)$/gm

type Cue = {
  readonly ms: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Far more than the cues of 400 cells have. */
export const MOST_CUE_BYTES = 1_000_000

/** null where the text holds no cues, or of cells that differ in size. */
export function spriteCellsOf(cues: string, rate: Rate): SpriteCells | null {
  const read = [...cues.matchAll(CUE)].map(cueOf)
  const [{ width, height } = { width: 0, height: 0 }] = read
  if (width === 0 || height === 0 || read.some((cue) => cue.width !== width || cue.height !== height)) return null
  const columns = Math.max(...read.map(({ x }) => x / width)) + 1
  const rows = Math.max(...read.map(({ y }) => y / height)) + 1
  // Times of cues are rounded down to milliseconds, so that the frame that begins there lies a little behind.
  const frameAt = (ms: number): number => Math.max(0, Math.ceil((ms * rate.num) / (1000 * rate.den) - 1e-9))
  const moments = read.map(({ ms, x, y }) => [frameAt(ms), (y / height) * columns + x / width] as const)
  return { width, height, columns, rows, moments }
}

function cueOf(match: RegExpExecArray): Cue {
  const [hours = 0, minutes = 0, seconds = 0, ms = 0, x = 0, y = 0, width = 0, height = 0] = match.slice(1).map(Number)
  return { ms: ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms, x, y, width, height }
}
