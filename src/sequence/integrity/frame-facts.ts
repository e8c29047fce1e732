import type { Box, ProxyMade, Rational, Selection } from "../../events/records.generated.ts"

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
  "allChannels",
  "colorspace",
  "rate",
] as const

export type Trait = (typeof TRAITS)[number]

/** Values as text; null where the file says that there is none. What is left out is not known and not judged. */
export type Traits = Readonly<Partial<Record<Trait, string | null>>>

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
  /** Not black, but nobody sees anything. */
  readonly isNearlyBlack: boolean
  /** Of the thumbnail's bytes, 32 hex digits: two frames with one hash look the same. */
  readonly thumbnailHash: string | null
}

/** What is told of the picture that was made of a frame: fields of ProxyMade, and of what tells it to a sequence. */
export type PictureFacts = Pick<Selection, "format" | "compression" | "channels" | "displayWindow" | "dataWindow"> &
  Pick<Selection, "pixelAspect" | "frameRate" | "timecode"> &
  Pick<ProxyMade, "contentHash" | "nonFiniteCount" | "allBlack" | "nearlyBlack" | "thumbnailHash"> &
  Pick<ProxyMade, "depth" | "allChannels"> & {
    readonly colorspace: string
  }

/** One file of a sequence, and what became of it. */
export type ToldFrame = Pick<FrameFacts, "frame" | "padding" | "recordedAtMs"> & {
  readonly picture: PictureFacts | null
  readonly failureCode: string | null
}

/** null where a file is neither made nor given up. */
export function factsOf({ frame, padding, recordedAtMs, picture, failureCode: failure }: ToldFrame): FrameFacts | null {
  if (picture === null && failure === null) return null
  return {
    ...{ frame, padding, recordedAtMs, failure },
    traits: picture === null ? {} : traitsOf(picture),
    timecode: picture?.timecode ?? null,
    contentHash: picture?.contentHash ?? null,
    isBlack: picture?.allBlack ?? false,
    nonFiniteCount: picture?.nonFiniteCount ?? -1,
    isNearlyBlack: picture?.nearlyBlack === true && !picture.allBlack,
    thumbnailHash: picture?.thumbnailHash ?? null,
  }
}

function traitsOf(shown: PictureFacts): Traits {
  const { displayWindow, depth, allChannels } = shown
  const { xMin, yMin, xMax, yMax } = displayWindow
  const traits: { -readonly [T in Trait]?: string | null } = {
    format: shown.format,
    compression: shown.compression,
    size: `${xMax - xMin + 1}x${yMax - yMin + 1}`,
    displayWindow: boxText(displayWindow),
    dataWindow: boxText(shown.dataWindow),
    pixelAspect: String(Number(shown.pixelAspect.toPrecision(6))),
    channels: shown.channels.join(","),
    colorspace: shown.colorspace,
    rate: shown.frameRate === null ? null : rateText(shown.frameRate),
  }
  // Proxies of an older version do not say it.
  if (depth !== null) traits.depth = depth
  if (allChannels !== null) traits.allChannels = allChannels
  return traits
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
