import type { Rational } from "../../../events/records.generated.ts"
import { cornerOf, type SheetPlan } from "./plan.ts"

/**
 * The cues of a sheet as WebVTT: at which times of the movie a player shows which part of it (Media Fragments, #xywh), as
 * Video.js, Plyr and Vidstack read it. `sheetName` is the sheet's file name; both lie in one folder.
 */
export function sheetVtt(plan: SheetPlan, sheetName: string, rate: Rational): string {
  const url = encodeURIComponent(sheetName.toWellFormed())
  const cues = plan.cues.map(({ from, to, cell }) => {
    const { x, y } = cornerOf(plan, cell)
    const { width, height } = plan.cell
    return `${timeText(from, rate)} --> ${timeText(to, rate)}\n${url}#xywh=${x},${y},${width},${height}\n`
  })
  return ["WEBVTT\n", ...cues].join("\n")
}

/** Rounded down, so that a frame's own time lies in its cue, and a cue ends where the next one begins. */
function timeText(frame: number, { num, den }: Rational): string {
  const ms = Math.floor((frame * den * 1000) / num)
  const [hours, minutes, seconds] = [
    Math.floor(ms / 3_600_000),
    Math.floor(ms / 60_000) % 60,
    Math.floor(ms / 1000) % 60,
  ]
  const two = (number: number): string => String(number).padStart(2, "0")
  return `${two(hours)}:${two(minutes)}:${two(seconds)}.${String(ms % 1000).padStart(3, "0")}`
}
