import { isLeftToTool } from "../../samples/exr/compression/unpack.ts"
import { samplingProblem } from "../../samples/exr/luminance-chroma.ts"
import { partProblem } from "../../samples/exr/planes/planes.ts"
import type { HeaderPart } from "../header/model.ts"

const CONVERT = "Convert it to R, G, B."

/** Whether the shown channels are luminance and chroma: Y, RY and BY of one layer, in this order. */
export const isLuminanceChroma = (channels: readonly string[]): boolean =>
  channels.map((name) => name.slice(name.lastIndexOf(".") + 1).toLowerCase()).join() === "y,ry,by"

/** Why this part cannot be shown because of subsampled channels or of chroma, where only oiiotool reads; or null. */
export function chromaProblem(part: HeaderPart, channels: readonly string[]): string | null {
  const subsampled = part.channels.find(({ xSampling, ySampling }) => xSampling !== 1 || ySampling !== 1)
  if (subsampled !== undefined) {
    const { name, xSampling, ySampling } = subsampled
    return `The channel ${name} is subsampled ${xSampling}x${ySampling}; luminance-chroma pictures are not decoded. ${CONVERT}`
  }
  if (!isLuminanceChroma(channels)) return null
  return `The picture is stored as luminance and chroma (Y, RY, BY), which is not decoded. ${CONVERT}`
}

/** The same where readers of our own read such parts: those that they do not read go to oiiotool, which cannot either. */
export function ownChromaProblem(part: HeaderPart, channels: readonly string[]): string | null {
  if (chromaProblem(part, channels) === null) return null
  const problem =
    partProblem(part)?.says ?? (isLuminanceChroma(channels) ? samplingProblem(part.channels, channels) : null)
  return problem === null ? null : `The picture has chroma or subsampled channels. ${problem} ${CONVERT}`
}

/**
 * Whether our EXR readers are the ones to read these channels of a part: all that they can read, but of compressions that
 * are left to oiiotool only what it cannot. Damage that the header already shows is theirs to name, too.
 */
export function isOwnExr(part: HeaderPart, channels: readonly string[]): boolean {
  if (partProblem(part)?.code === "picture/unsupported") return false
  return !isLeftToTool(part.compression) || chromaProblem(part, channels) !== null
}
