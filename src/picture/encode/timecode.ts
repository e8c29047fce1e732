// Which timecodes a movie can carry.

import type { Rational } from "../../events/records.generated.ts"

/**
 * Whether a timecode can be written at this rate. ffmpeg does not check: it turns 25:61:61:10 into 26:02:01:10 and drops
 * the `;` of drop frame at 24 frames a second without a word.
 */
export function fitsRate(timecode: string, rate: Rational): boolean {
  const match = /^(\d\d):(\d\d):(\d\d)([:;])(\d\d)$/.exec(timecode)
  if (match === null) return false
  const [hours, minutes, seconds, frames] = [match[1], match[2], match[3], match[5]].map(Number) as TimecodeFields
  const nominal = Math.round(rate.num / rate.den)
  if (hours > 23 || minutes > 59 || seconds > 59 || frames >= nominal) return false
  return match[4] === ":" || isDropFrame({ minutes, seconds, frames }, rate)
}

type TimecodeFields = [hours: number, minutes: number, seconds: number, frames: number]

/** SMPTE ST 12-1: at 30000/1001 and its multiples, the first numbers of a minute are left out, except each tenth. */
function isDropFrame(at: { minutes: number; seconds: number; frames: number }, rate: Rational): boolean {
  const nominal = Math.round(rate.num / rate.den)
  const isNtsc = nominal % 30 === 0 && rate.num * 1001 === nominal * 1000 * rate.den
  const dropped = nominal / 15
  return isNtsc && !(at.minutes % 10 !== 0 && at.seconds === 0 && at.frames < dropped)
}
