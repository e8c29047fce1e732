import type { HeaderPart, PictureFormat } from "../header/model.ts"

/** What of a picture's header the colour rules look at. */
export type ColourSource = {
  readonly format: PictureFormat
  /** The shown part. */
  readonly part: HeaderPart
  /** The first part: chromaticities and the like are shared between the parts of an EXR. */
  readonly firstPart: HeaderPart
  /** The channels that are shown as R, G and B. */
  readonly channels: readonly string[]
  /** The ICC profile of a TIFF. */
  readonly iccBytes: Uint8Array | null
}

/** Grey pictures show one channel three times: their primaries do not matter. */
export const isGrey = ({ channels }: ColourSource): boolean => new Set(channels).size === 1
