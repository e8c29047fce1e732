// What keys do to a player, and at which times frames are.

import type { Rate } from "./index.ts"

/** Speed, and its direction: 0 stands still. */
export type Speed = number

const MOST_SPEED = 8

/** J, K, L as on an editor's desk: each press doubles the speed, the other direction begins anew. */
export function shuttle(speed: Speed, key: "j" | "k" | "l"): Speed {
  if (key === "k") return 0
  const direction = key === "l" ? 1 : -1
  return speed * direction > 0 ? direction * Math.min(MOST_SPEED, Math.abs(speed) * 2) : direction
}

/** The middle of a frame, seconds: nothing that is rounded on the way leads to its neighbours. */
export const timeOfFrame = (index: number, { num, den }: Rate): number => ((index + 0.5) * den) / num

/** The frame that begins at a time, which browsers tell in microseconds. */
export const frameAtTime = (seconds: number, { num, den }: Rate): number => Math.round((seconds * num) / den)

export type Command =
  | {
      readonly do:
        | "toggle"
        | "full-screen"
        | "compare"
        | "evidence"
        | "first"
        | "last"
        | "copy"
        | "in"
        | "out"
        | "whole"
    }
  | { readonly do: "shuttle"; readonly key: "j" | "k" | "l" }
  | { readonly do: "step"; readonly frames: number }
  | { readonly do: "tile"; readonly by: 1 | -1 }

/** What a key of the keyboard means to the player; null where it means nothing. */
export function commandOf(key: string, shift: boolean): Command | null {
  const lower = key.toLowerCase()
  if (lower === "j" || lower === "k" || lower === "l") return { do: "shuttle", key: lower }
  return COMMANDS.get(lower)?.(shift) ?? null
}

const COMMANDS: ReadonlyMap<string, (shift: boolean) => Command> = new Map<string, (shift: boolean) => Command>([
  [" ", () => ({ do: "toggle" })],
  ["f", () => ({ do: "full-screen" })],
  ["w", () => ({ do: "compare" })],
  ["e", () => ({ do: "evidence" })],
  ["i", () => ({ do: "in" })],
  ["o", () => ({ do: "out" })],
  ["x", () => ({ do: "whole" })],
  ["c", () => ({ do: "copy" })],
  ["home", () => ({ do: "first" })],
  ["end", () => ({ do: "last" })],
  ["arrowleft", (shift) => ({ do: "step", frames: shift ? -10 : -1 })],
  ["arrowright", (shift) => ({ do: "step", frames: shift ? 10 : 1 })],
  ["arrowup", () => ({ do: "tile", by: -1 })],
  ["arrowdown", () => ({ do: "tile", by: 1 })],
])

/** The frames that are played, counted from 0, the last one included. */
export type Loop = { readonly from: number; readonly to: number }

/** A loop that begins, or ends, at a frame; of one frame where the other end lies on the wrong side of it. */
export const loopFrom = (loop: Loop, frame: number): Loop => ({ from: frame, to: Math.max(frame, loop.to) })
export const loopTo = (loop: Loop, frame: number): Loop => ({ from: Math.min(frame, loop.from), to: frame })

/** The frame that lies so many behind, or before, another one; beyond an end of the loop it goes on at the other. */
export function withinLoop({ from, to }: Loop, frame: number): number {
  const length = to - from + 1
  return from + ((((frame - from) % length) + length) % length)
}

/** How another version is seen with this one. */
export type Comparing = "wipe" | "side" | "difference"

/** What comes after, each time that the key is pressed; null for nothing. */
export function nextComparing(now: Comparing | null): Comparing | null {
  const ways = ["wipe", "side", "difference", null] as const
  return ways[(ways.indexOf(now) + 1) % ways.length] ?? null
}
