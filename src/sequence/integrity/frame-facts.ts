import { frameNameOf } from "../../element/frame-name.ts"
import type {
  Box,
  ElementFailed,
  ProxyMade,
  Rational,
  Selection,
  SourceInspected,
} from "../../events/records.generated.ts"

// What the facts of a frame say that a report of its sequence is made of.

/** What all frames of a sequence have in common, unless something went wrong. */
export const TRAITS = [
  "format",
  "size",
  "displayWindow",
  "dataWindow",
  "pixelAspect",
  "depth",
  "compression",
  "channels",
  "colorspace",
  "rate",
] as const

export type Trait = (typeof TRAITS)[number]

/** Values as text; null where the file says that there is none. What is left out is not known and not judged. */
export type Traits = Readonly<Partial<Record<Trait, string | null>>>

/** What is measured on a thumbnail by whoever decodes it. */
export type Look = {
  /** Greatest code value of red, green and blue, 0 to 255. */
  readonly peak: number
  /** Hash of its bytes, 32 hex digits: two frames with one hash look the same. */
  readonly hash: string
}

export type FrameFacts = {
  readonly frame: number
  /** Digits of the number in the name. `a.7.exr` and `a.0007.exr` are two files of one frame. */
  readonly padding: number
  /** Code of the failure; null for a frame that was made. */
  readonly failure: string | null
  /** Orders two files of one frame: the later one is shown. Epoch milliseconds. */
  readonly recordedAtMs: number
  readonly traits: Traits
  /** hh:mm:ss:ff, or hh:mm:ss;ff in drop-frame counting. */
  readonly timecode: string | null
  /** XXH3-128 of the source's bytes, 32 hex digits. */
  readonly contentHash: string | null
  readonly isBlack: boolean
  /** Samples that were NaN or infinite; -1 where nobody counted. */
  readonly nonFiniteCount: number
  readonly look: Look | null
}

type Inspected = Pick<SourceInspected, "parts" | "source">

/**
 * A frame that was made. The inspection adds what only the header says, if it is of the same version of the source. null
 * where the key names no frame.
 */
export function madeFrame(made: ProxyMade, inspected: Inspected | null, look: Look | null): FrameFacts | null {
  const name = frameNameOf(made.element.key)
  if (name === null) return null
  const { selection, colorspace, contentHash, allBlack: isBlack, nonFiniteCount, recordedAtMs, source } = made
  const header = inspected?.source.sourceVersion === source.sourceVersion ? inspected : null
  const traits = {
    ...shownTraits(selection),
    colorspace: colorspace.name,
    ...(header && headerTraits(header, selection)),
  }
  const { timecode } = selection
  return {
    ...{ frame: name.frame, padding: name.padding, failure: null, recordedAtMs },
    ...{ traits, timecode, contentHash, isBlack, nonFiniteCount, look },
  }
}

/** A frame that was given up. */
export function failedFrame({ element, code, recordedAtMs }: ElementFailed): FrameFacts | null {
  const name = frameNameOf(element.key)
  if (name === null) return null
  return {
    ...{ frame: name.frame, padding: name.padding, failure: code, recordedAtMs, traits: {}, timecode: null },
    ...{ contentHash: null, isBlack: false, nonFiniteCount: -1, look: null },
  }
}

function shownTraits({ format, compression, displayWindow, dataWindow, ...shown }: Selection): Traits {
  const { xMin, yMin, xMax, yMax } = displayWindow
  return {
    format,
    compression,
    size: `${xMax - xMin + 1}x${yMax - yMin + 1}`,
    displayWindow: boxText(displayWindow),
    dataWindow: boxText(dataWindow),
    pixelAspect: String(Number(shown.pixelAspect.toPrecision(6))),
    channels: shown.channels.join(","),
    rate: shown.frameRate === null ? null : rateText(shown.frameRate),
  }
}

function headerTraits({ parts }: Inspected, { part, channels }: Selection): Traits {
  const shown = parts.find(({ index }) => index === part)
  const depths = shown?.channels.flatMap(({ name, pixelType }) => (channels.includes(name) ? [pixelType] : [])) ?? []
  const names = parts.flatMap((one) =>
    one.channels.map(({ name }) => (one.index === 0 ? name : `${one.index}:${name}`)),
  )
  return {
    // Readers of DPX and TIFF may name channels otherwise than the file: then nothing is known of the depth.
    ...(depths.length > 0 && { depth: [...new Set(depths)].sort().join(",") }),
    ...(names.length > 0 && { channels: names.sort().join(",") }),
  }
}

const boxText = ({ xMin, yMin, xMax, yMax }: Box): string => `(${xMin},${yMin})-(${xMax},${yMax})`

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))

/** 48000/2002 is 24000/1001. */
export function rateText({ num, den }: Rational): string {
  const by = divisor(num, den)
  return `${num / by}/${den / by}`
}

/** What {@link rateText} wrote. */
export function rateOfText(text: string): Rational {
  const [num = 0, den = 1] = text.split("/").map(Number)
  return { num, den }
}
