import type { RenderSettings } from "../index.ts"
import { readWrittenJpeg } from "./written-jpeg.ts"
import { readWrittenMovie } from "./written-movie.ts"

/** What is wrong with a written thumbnail, null when it is what was ordered. */
export function thumbnailProblem(bytes: Buffer, { thumbnailEdgePx }: RenderSettings): string | null {
  const jpeg = readWrittenJpeg(bytes)
  if (jpeg === null) return "No thumbnail was written."
  const { width, height, components } = jpeg
  if (width === thumbnailEdgePx && height === thumbnailEdgePx && components === 3) return null
  return `A thumbnail of ${width}x${height} with ${components} components was written in place of ${thumbnailEdgePx}x${thumbnailEdgePx} with 3.`
}

/** What is wrong with a written proxy, null when it is what was ordered. */
export function movieProblem(bytes: Buffer, settings: RenderSettings): string | null {
  const { proxyWidthPx, proxyHeightPx, stillHoldFrames } = settings
  const movie = readWrittenMovie(bytes)
  if (movie === null) return "ffmpeg wrote no H.264 movie."
  if (!movie.isFastStart) return "ffmpeg wrote a movie whose index stands at its end."
  const { width, height, frames } = movie
  if (width === proxyWidthPx && height === proxyHeightPx && frames === stillHoldFrames) return null
  return `ffmpeg wrote ${frames} frames of ${width}x${height} in place of ${stillHoldFrames} of ${proxyWidthPx}x${proxyHeightPx}.`
}
