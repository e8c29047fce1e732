import type { Rational } from "../../../events/records.generated.ts"
import { attributeNamed, type HeaderPart, numberNamed, type PictureFormat } from "../header/model.ts"

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
 * stated, or the decimals of a float to a thousandth.
 */
export function believedRate(framesPerSecond: number, stated?: Rational): Rational | null {
  if (!(framesPerSecond >= BELIEVABLE.min && framesPerSecond <= BELIEVABLE.max)) return null
  const whole = Math.round(framesPerSecond)
  if (Math.abs(framesPerSecond - whole) < WHOLE_TOLERANCE) return { num: whole, den: 1 }
  const ntsc = Math.round((framesPerSecond * 1001) / 1000)
  if (Math.abs(framesPerSecond - (ntsc * 1000) / 1001) < NTSC_TOLERANCE) return { num: ntsc * 1000, den: 1001 }
  return reduced(stated ?? { num: Math.round(framesPerSecond * 1000), den: 1000 })
}

function reduced({ num, den }: Rational): Rational {
  const divisor = greatestCommonDivisor(num, den)
  return { num: num / divisor, den: den / divisor }
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b))
