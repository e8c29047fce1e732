// Which timecodes a movie can carry, and the frames at which they are.

import type { Rational } from "../../events/records.generated.ts"

/**
 * Whether a timecode can be written at this rate. ffmpeg does not check: it turns 25:61:61:10 into 26:02:01:10 and drops
 * the `;` of drop frame at 24 frames a second without a word.
 */
export function fitsRate(timecode: string, rate: Rational): boolean {
  const fields = fieldsOf(timecode)
  if (fields === null) return false
  const { hours, minutes, seconds, frames } = fields
  if (hours > 23 || minutes > 59 || seconds > 59 || frames >= nominalRate(rate)) return false
  return !fields.drops || isDropFrame(fields, rate)
}

/**
 * Number of the frame at a timecode that exists at the rate, counted from midnight. Drop-frame counting leaves numbers
 * out, not frames: 00:10:00;00 is frame 17982 at 30000/1001.
 */
export function framesSinceMidnight(timecode: string, rate: Rational): number {
  const fields = fieldsOf(timecode)
  if (fields === null || !fitsRate(timecode, rate))
    throw new Error(`No timecode at ${rate.num}/${rate.den}: ${timecode}.`)
  const { hours, minutes, seconds, frames } = fields
  const nominal = nominalRate(rate)
  const passed = hours * 60 + minutes
  const dropped = fields.drops ? (nominal / 15) * (passed - Math.floor(passed / 10)) : 0
  return (passed * 60 + seconds) * nominal + frames - dropped
}

/**
 * The timecode of a frame counted from midnight, which comes again each day: 1001 at 24 is 00:00:41:17. Drop-frame counting
 * is for 30000/1001 and its multiples.
 */
export function timecodeAt(frame: number, rate: Rational, counting: "drop-frame" | "all" = "all"): string {
  const nominal = nominalRate(rate)
  const drops = counting === "drop-frame"
  const dropped = drops ? nominal / 15 : 0
  const perTenMinutes = 600 * nominal - 9 * dropped
  const today = ((frame % (144 * perTenMinutes)) + 144 * perTenMinutes) % (144 * perTenMinutes)
  const [tens, inTens] = [Math.floor(today / perTenMinutes), today % perTenMinutes]
  // Every minute but the first of ten leaves numbers out at its start.
  const minutes = Math.max(0, Math.floor((inTens - dropped) / (60 * nominal - dropped)))
  const number = tens * 600 * nominal + inTens + minutes * dropped
  const seconds = Math.floor(number / nominal)
  const fields = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((field) => two(Math.floor(field)))
  return `${fields.join(":")}${drops ? ";" : ":"}${two(number % nominal)}`
}

const two = (number: number): string => String(number).padStart(2, "0")

/** Frames that a second of timecode counts: 24 at 24000/1001. */
export const nominalRate = (rate: Rational): number => Math.round(rate.num / rate.den)

type TimecodeFields = Readonly<Record<"hours" | "minutes" | "seconds" | "frames", number>> & { readonly drops: boolean }

/** The numbers of hh:mm:ss:ff, or of hh:mm:ss;ff in drop-frame counting; null where it is none. */
function fieldsOf(timecode: string): TimecodeFields | null {
  const match = /^(\d\d):(\d\d):(\d\d)([:;])(\d\d)$/.exec(timecode)
  if (match === null) return null
  const [hours = 0, minutes = 0, seconds = 0, frames = 0] = [match[1], match[2], match[3], match[5]].map(Number)
  return { hours, minutes, seconds, frames, drops: match[4] === ";" }
}

/** SMPTE ST 12-1: at 30000/1001 and its multiples, the first numbers of a minute are left out, except each tenth. */
function isDropFrame(at: { minutes: number; seconds: number; frames: number }, rate: Rational): boolean {
  const nominal = nominalRate(rate)
  const isNtsc = nominal % 30 === 0 && rate.num * 1001 === nominal * 1000 * rate.den
  const dropped = nominal / 15
  return isNtsc && !(at.minutes % 10 !== 0 && at.seconds === 0 && at.frames < dropped)
}
