import type { PicturePlan } from "../plan.ts"
import { ALPHA_APART, AT_ORIGIN, onePart, opened } from "./oiiotool-args.ts"

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
