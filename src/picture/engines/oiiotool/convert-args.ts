import type { PicturePlan } from "../plan.ts"
import { ALPHA_APART, AT_ORIGIN, convert, onePart, opened, read } from "./oiiotool-args.ts"

/** How oiiotool is to write what it reads for the in-process engine. */
export type Conversion = {
  readonly source: string
  readonly converted: string
  readonly samples: "half" | "float"
  /** Made linear Rec.709 on the way, for spaces that OCIO alone knows. */
  readonly linear: boolean
  /** The source holds this one image: no other part, page or level. */
  readonly isSingle: boolean
}

/**
 * The shown channels as R, G, B in an EXR of uncompressed scan lines, at full size; windows and turn stay as they are.
 * Samples that nothing is done to keep their type in memory: as floats, a frame of halves takes twice the room. Not so in
 * a file of several parts, pages or levels: oiiotool would then read them all, and rip-maps not at all.
 */
export const convertArgs = (
  plan: PicturePlan,
  { source, converted, samples, linear, isSingle }: Conversion,
): readonly string[] => [
  ...opened(plan.input),
  ...(linear || !isSingle ? [] : ["--native"]),
  ...read(plan, source),
  ...(plan.selection.format === "exr" ? [] : AT_ORIGIN),
  ...(linear ? convert(plan.input.space, plan.input.linearSpace) : []),
  ...["--eraseattrib", ".*", "-d", samples, "--compression", "none", "--scanline", "-o", converted],
]

export type PlanesOrder = {
  readonly source: string
  readonly written: string
  readonly samples: "uint32" | "float"
  /** Colours that the decoder would convert otherwise, or not read at all. */
  readonly isAsStored: boolean
}

const AS_STORED = ["--iconfig", "oiio:RawColor", "1"]

/**
 * The channels of a pass of data as c00, c01, ... in an EXR of uncompressed scan lines, as they are: integers stay integers
 * where all of them are.
 */
export const planesArgs = (
  plan: PicturePlan,
  { source, written, samples, isAsStored }: PlanesOrder,
): readonly string[] => [
  ...opened(plan.input),
  ...(isAsStored ? [...AS_STORED, ...ALPHA_APART] : []),
  ...onePart(plan, source),
  ...(plan.selection.format === "exr" ? [] : AT_ORIGIN),
  ...["--ch", (plan.channelNumbers ?? plan.selection.channels).join(",")],
  ...["--chnames", plan.selection.channels.map((_, index) => planeName(index)).join(",")],
  ...["--eraseattrib", ".*", "-d", samples, "--compression", "none", "--scanline", "-o", written],
]

/** Names that every reader keeps in their order. */
export const planeName = (index: number): string => `c${String(index).padStart(2, "0")}`
