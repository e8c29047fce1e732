import { isLeftToTool } from "../../samples/exr/compression/unpack.ts"
import { samplingProblem } from "../../samples/exr/luminance-chroma.ts"
import { partProblem } from "../../samples/exr/planes/planes.ts"
import type { HeaderPart } from "../header/model.ts"

const CONVERT = "Convert it to R, G, B."

/** Whether the shown channels are luminance and chroma: Y, RY and BY of one layer, in this order. */
export const isLuminanceChroma = (channels: readonly string[]): boolean =>
  channels.map((name) => name.slice(name.lastIndexOf(".") + 1).toLowerCase()).join() === "y,ry,by"

/** Why oiiotool alone cannot show this part (it has subsampled channels, or chroma), or null. */
export function chromaProblem(part: HeaderPart, channels: readonly string[]): string | null {
  const subsampled = part.channels.find(({ xSampling, ySampling }) => xSampling !== 1 || ySampling !== 1)
  if (subsampled !== undefined) {
    const { name, xSampling, ySampling } = subsampled
    return `The channel ${name} is subsampled ${xSampling}x${ySampling}; luminance-chroma pictures are not decoded. ${CONVERT}`
  }
  if (!isLuminanceChroma(channels)) return null
  return `The picture is stored as luminance and chroma (Y, RY, BY), which is not decoded. ${CONVERT}`
}

/** Why such a part cannot be shown where our own readers read it, or null: oiiotool is no way out, it cannot read it either. */
export function ownChromaProblem(part: HeaderPart, channels: readonly string[]): string | null {
  if (chromaProblem(part, channels) === null) return null
  const problem =
    partProblem(part)?.says ?? (isLuminanceChroma(channels) ? samplingProblem(part.channels, channels) : null)
  return problem === null ? null : `The picture has chroma or subsampled channels. ${problem} ${CONVERT}`
}

/**
 * Whether our own EXR readers read these channels of a part. They read all that they can; of compressions that are left to
 * oiiotool, only what it cannot read. They also report damage that the header already shows.
 */
export function isOwnExr(part: HeaderPart, channels: readonly string[]): boolean {
  if (partProblem(part)?.code === "picture/unsupported") return false
  return !isLeftToTool(part.compression) || chromaProblem(part, channels) !== null
}
