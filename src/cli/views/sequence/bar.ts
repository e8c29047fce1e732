// The frames of a sequence as a line of signs.

import { type BarFrames, barCells, type Kind } from "../../../sequence/bar-cells.ts"

/** A terminal: its width, and whether its locale has more than ASCII. */
export type Screen = { readonly columns: number; readonly characters: "unicode" | "ascii" }

/** Worst first. */
const SIGNS = [
  { kind: "missing", unicode: "·", ascii: ".", says: "missing" },
  { kind: "failed", unicode: "x", ascii: "x", says: "failed" },
  { kind: "remarkable", unicode: "!", ascii: "!", says: "see below" },
  { kind: "made", unicode: "━", ascii: "=", says: "made" },
] as const satisfies readonly { readonly kind: Kind; readonly [of: string]: string }[]

/**
 * Two lines: the bar between the numbers of the first and the last frame, and what its signs mean. A column stands for a frame, or for as many of them as make the bar fit.
 */
export function barText(frames: BarFrames, { columns, characters }: Screen): string {
  const ends = barCells(frames, 1)
  if (ends === null) return "no frames\n"
  const room = Math.max(MOST_NARROW, columns - `${ends.first}`.length - `${ends.last}`.length - 2)
  const { first, last, cells, each } = barCells(frames, room) ?? ends
  const shown = SIGNS.filter(({ kind }) => cells.includes(kind)).reverse()
  const bar = cells.map((kind) => SIGNS.find((one) => one.kind === kind)?.[characters] ?? " ").join("")
  const scale = each === 1 ? "" : `, about ${Math.round(each).toLocaleString("en-GB")} frames a sign`
  return `${first} ${bar} ${last}\n${shown.map(({ says, ...sign }) => `${sign[characters]} ${says}`).join("  ")}${scale}\n`
}

const MOST_NARROW = 10
