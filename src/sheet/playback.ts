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
  | { readonly do: "toggle" | "full-screen" | "wipe" | "evidence" | "first" | "last" | "copy" }
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
  ["w", () => ({ do: "wipe" })],
  ["i", () => ({ do: "evidence" })],
  ["c", () => ({ do: "copy" })],
  ["home", () => ({ do: "first" })],
  ["end", () => ({ do: "last" })],
  ["arrowleft", (shift) => ({ do: "step", frames: shift ? -10 : -1 })],
  ["arrowright", (shift) => ({ do: "step", frames: shift ? 10 : 1 })],
  ["arrowup", () => ({ do: "tile", by: -1 })],
  ["arrowdown", () => ({ do: "tile", by: 1 })],
])
