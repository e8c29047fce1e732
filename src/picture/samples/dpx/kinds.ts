import { bitsOf } from "../../read/header/dpx-storage.ts"
import { type HeaderPart, numberNamed, type PictureHeader } from "../../read/header/model.ts"

/** Bits of a sample that are read. */
const BITS: readonly number[] = [8, 10, 12, 16, 32, 64]

/**
 * Why a DPX is not read here, from its header alone; null where it is. Read are 8, 10, 12 and 16 bits unsigned, packed,
 * filled or run-length encoded, and floats.
 */
export function dpxReaderProblem(part: HeaderPart): string | null {
  const bits = bitsOf(part)
  if (!BITS.includes(bits)) return `DPX pictures of ${bits} bits are not read.`
  // Unset, it means what nearly all DPX are.
  if (numberNamed(part, "dataSign") === 1 && bits < 32) return "DPX pictures of signed samples are not read."
  return null
}

/** The image elements that hold the picture: the first, or three of one colour each, as red, green and blue. */
export function dpxElements({ parts }: PictureHeader): readonly HeaderPart[] {
  const [first] = parts
  if (first === undefined) return []
  const planes = [1, 2, 3].map((descriptor) => parts.find((part) => numberNamed(part, "descriptor") === descriptor))
  const [red, green, blue] = planes
  const isPlanar = red !== undefined && green !== undefined && blue !== undefined && planes.includes(first)
  return isPlanar ? [red, green, blue] : [first]
}

/** Codes of black and white. */
export type CodeRange = { readonly low: number; readonly high: number }

/**
 * The range of video, where the reference codes of the header are its (16 and 235 of 8 bits, 64 and 940 of 10); null for
 * the whole range. Other reference codes mean densities, which say nothing of how the picture is coded.
 */
export function legalRange(part: HeaderPart): CodeRange | null {
  const scale = 2 ** (bitsOf(part) - 8)
  const video = { low: 16 * scale, high: 235 * scale }
  const stated = numberNamed(part, "lowData") === video.low && numberNamed(part, "highData") === video.high
  return stated && bitsOf(part) < 32 ? video : null
}
