// How numbers, times and names are written on the page.

import { barCells } from "../../sequence/bar-cells.ts"
import { visible } from "../../system/visible.ts"
import type { Shot } from "../index.ts"

/** 2026-04-01 12:00 UTC. */
export const momentText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`

/** Ranges that break after their commas. */
export const rangesText = (ranges: string): string => visible(ranges).replaceAll(",", ", ")

/** 1001–1016, whatever lies between. */
export function spanText({ made, failed, missing }: Pick<Shot, "made" | "failed" | "missing">): string {
  const bar = barCells({ made, failed, missing, remarkable: [] }, 1)
  if (bar === null) return ""
  return bar.first === bar.last ? `${bar.first}` : `${bar.first}–${bar.last}`
}
