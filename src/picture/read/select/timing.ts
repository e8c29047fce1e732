import type { Rational } from "../../../events/records.generated.ts"
import { attributeNamed, type HeaderPart, type HeaderValue, numberNamed, type PictureFormat } from "../header/model.ts"

/** hh:mm:ss:ff as numbers. */
type Timecode = {
  readonly hours: number
  readonly minutes: number
  readonly seconds: number
  readonly frames: number
  /** Drop-frame counting. */
  readonly drop: boolean
}

/** Highest frame number that two BCD digits with two tens bits can hold, where no rate says less. */
const FRAMES_WITHOUT_RATE = 60
const UNSET = 0xffffffff

/**
 * Start timecode that the header states: its text, or null where there is none or it does not exist at `rate` (then with
 * a warning). EXR: timeCode of the shown part, else of the first. DPX: the television header's; 0 without a rate is unset.
 */
export function statedTimecode(
  format: PictureFormat,
  parts: readonly (HeaderPart | undefined)[],
  rate: Rational | null,
): { readonly timecode: string | null; readonly warnings: readonly string[] } {
  const word = parts.map((part) => (part === undefined ? null : timecodeWord(format, part, rate))).find(isNumber)
  if (word === undefined) return { timecode: null, warnings: [] }
  const timecode = smpteTimecode(word)
  if (timecode !== null && timecodeExists(timecode, rate)) return { timecode: timecodeText(timecode), warnings: [] }
  const shown = timecode === null ? `0x${word.toString(16).padStart(8, "0")}` : timecodeText(timecode)
  const at = rate === null ? "without a frame rate" : `at ${rate.num}/${rate.den} frames a second`
  return { timecode: null, warnings: [`The header's timecode ${shown} does not exist ${at}; it is ignored.`] }
}

const isNumber = (word: number | null): word is number => word !== null

function timecodeWord(format: PictureFormat, part: HeaderPart, rate: Rational | null): number | null {
  if (format === "exr") return exrWord(attributeNamed(part, "timeCode")?.value)
  const word = format === "dpx" ? numberNamed(part, "timecode") : null
  return word === UNSET || (word === 0 && rate === null) ? null : word
}

function exrWord(value: HeaderValue | undefined): number | null {
  if (typeof value !== "object" || !("timeAndFlags" in value)) return null
  return typeof value.timeAndFlags === "number" ? value.timeAndFlags : null
}

/** The time of a SMPTE 12M word (EXR timeCode, DPX television header), null where a digit is none. */
export function smpteTimecode(word: number): Timecode | null {
  const digits = (shift: number, tensBits: number): number => {
    const units = (word >>> shift) & 15
    const tens = (word >>> (shift + 4)) & ((1 << tensBits) - 1)
    return units > 9 ? Number.NaN : tens * 10 + units
  }
  const [frames, seconds, minutes, hours] = [digits(0, 2), digits(8, 3), digits(16, 3), digits(24, 2)] as const
  const all = { hours, minutes, seconds, frames, drop: (word & 0x40) !== 0 }
  return [hours, minutes, seconds, frames].some(Number.isNaN) ? null : all
}

/** Whether the number exists at the rate: drop-frame only in the two NTSC rates, without the numbers that it drops. */
export function timecodeExists({ hours, minutes, seconds, frames, drop }: Timecode, rate: Rational | null): boolean {
  const nominal = rate === null ? FRAMES_WITHOUT_RATE : Math.ceil(rate.num / rate.den)
  if (hours > 23 || minutes > 59 || seconds > 59 || frames >= nominal) return false
  if (!drop) return true
  if (rate?.den !== 1001 || (nominal !== 30 && nominal !== 60)) return false
  return !(seconds === 0 && minutes % 10 !== 0 && frames < nominal / 15)
}

/** hh:mm:ss:ff, or hh:mm:ss;ff in drop-frame counting. */
export function timecodeText({ hours, minutes, seconds, frames, drop }: Timecode): string {
  const two = (number: number): string => String(number).padStart(2, "0")
  return `${two(hours)}:${two(minutes)}:${two(seconds)}${drop ? ";" : ":"}${two(frames)}`
}

/** Rates below and above are not believed: unset fields hold 0, NaN, 1e-41 or 1e38. */
const BELIEVABLE = { min: 1, max: 240 } as const
/** Farthest that a rounded NTSC rate is written from its true value: 23.98 for 24000/1001. */
const NTSC_TOLERANCE = 0.005
const WHOLE_TOLERANCE = 0.0005

/**
 * Frames per second that the header states, null where it states none that is believable. EXR: framesPerSecond of the
 * shown part, else of the first (it is shared between parts). DPX: the film header's rate, else the television one's.
 */
export function frameRate(format: PictureFormat, parts: readonly (HeaderPart | undefined)[]): Rational | null {
  if (format !== "exr" && format !== "dpx") return null
  for (const part of parts) {
    if (part === undefined) continue
    const rate = format === "exr" ? exrRate(part) : dpxRate(part)
    if (rate !== null) return rate
  }
  return null
}

function exrRate(part: HeaderPart): Rational | null {
  const value = attributeNamed(part, "framesPerSecond")?.value
  if (typeof value === "number") return believedRate(value)
  const { num, den } = (typeof value === "object" ? value : {}) as { num?: unknown; den?: unknown }
  return typeof num === "number" && typeof den === "number" ? believedRate(num / den, { num, den }) : null
}

/** Writers of DPX leave 1 where they know no rate, and nobody shoots film that slowly. */
const dpxRate = (part: HeaderPart): Rational | null =>
  ["filmFrameRate", "televisionFrameRate"]
    .map((name) => numberNamed(part, name) ?? 0)
    .map((stated) => (stated > 1 ? believedRate(stated) : null))
    .find((rate) => rate !== null) ?? null

/**
 * An exact rate for a stated one: whole numbers, the NTSC family n*1000/1001 (2997/125 is 24000/1001), else the ratio as
 * stated, or its decimals to a thousandth, of a float and of a ratio that the times of a movie cannot be counted in.
 */
export function believedRate(framesPerSecond: number, stated?: Rational): Rational | null {
  if (!(framesPerSecond >= BELIEVABLE.min && framesPerSecond <= BELIEVABLE.max)) return null
  const whole = Math.round(framesPerSecond)
  if (Math.abs(framesPerSecond - whole) < WHOLE_TOLERANCE) return { num: whole, den: 1 }
  const ntsc = Math.round((framesPerSecond * 1001) / 1000)
  if (Math.abs(framesPerSecond - (ntsc * 1000) / 1001) < NTSC_TOLERANCE) return { num: ntsc * 1000, den: 1001 }
  const exact = stated === undefined ? null : reduced(stated)
  if (exact !== null && exact.num <= LARGEST_NUMERATOR) return exact
  return reduced({ num: Math.round(framesPerSecond * 1000), den: 1000 })
}

/** Of movies that hold a still for 240 frames, in 32 bits. */
const LARGEST_NUMERATOR = 10_000_000

function reduced({ num, den }: Rational): Rational {
  const divisor = greatestCommonDivisor(num, den)
  return { num: num / divisor, den: den / divisor }
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b))
