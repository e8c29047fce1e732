import { failure } from "../../../events/failure.ts"
import type { Channel, Selection } from "../../../events/records.generated.ts"
import { done, failed, type Result } from "../../../events/result.ts"
import { chromaticitiesOf } from "../../read/colour/chromaticities.ts"
import { REC709, rgbToXyz, type Vector } from "../../read/colour/matrix.ts"
import { attributeNamed, type HeaderPart, numbersNamed, type PictureHeader } from "../../read/header/model.ts"
import type { ByteSource, SampleReader } from "../index.ts"
import { chromaRows } from "./chroma-rows.ts"
import { openPlaneReader } from "./plane-reader.ts"
import type { ExrReaderLimits } from "./reader.ts"

/** Shares of Rec.709's primaries in luminance, for what states no usable chromaticities. */
const REC709_WEIGHTS: Vector = [0.2126, 0.7152, 0.0722]

/**
 * Opens an EXR of luminance and chroma (the selection's channels are Y, RY and BY) as R, G, B: chroma of every second
 * pixel and row is reconstructed with OpenEXR's filter. It holds 32 rows.
 * Fails: as openExrReader, and picture/unsupported for other samplings.
 */
export function openLuminanceChromaReader(
  bytes: ByteSource,
  header: PictureHeader,
  selection: Pick<Selection, "part" | "channels">,
  limits: ExrReaderLimits = {},
): Result<SampleReader> {
  const part = header.parts[selection.part]
  const opened = openPlaneReader(bytes, header, { part: selection.part, channels: selection.channels, ...limits })
  if (!opened.ok) return opened
  const problem = samplingProblem(part?.channels ?? [], selection.channels)
  if (problem !== null) return failed(failure("picture/unsupported", problem))
  const { width, height } = opened.value
  const readRows = chromaRows(
    opened.value,
    luminanceWeights([part, header.parts[0]].filter((one) => one !== undefined)),
  )
  return done({ width, height, readRows })
}

/** Why luminance and chroma of these samplings are not read, or null: chroma may have every pixel or every second. */
export function samplingProblem(channels: readonly Channel[], shown: readonly string[]): string | null {
  const [y, ry, by] = shown.map((name) => channels.find((channel) => channel.name === name))
  if (y === undefined || ry === undefined || by === undefined) return "The picture lacks luminance or chroma."
  const isHalved = (sampling: number): boolean => sampling === 1 || sampling === 2
  const isKnown = isHalved(ry.xSampling) && isHalved(ry.ySampling)
  const isSame = ry.xSampling === by.xSampling && ry.ySampling === by.ySampling
  if (isKnown && isSame && y.xSampling === 1 && y.ySampling === 1) return null
  const samplings = [y, ry, by].map(({ name, xSampling, ySampling }) => `${name} ${xSampling}x${ySampling}`)
  return `Luminance and chroma of these samplings are not read: ${samplings.join(", ")}.`
}

/** Shares of R, G and B in luminance by the chromaticities of the first part that states usable ones. */
function luminanceWeights(parts: readonly HeaderPart[]): Vector {
  const holder = parts.find((part) => attributeNamed(part, "chromaticities")?.type === "chromaticities")
  const stated = holder === undefined ? REC709 : chromaticitiesOf(numbersNamed(holder, "chromaticities"))
  const matrix = stated === null ? null : rgbToXyz(stated)
  if (matrix === null) return REC709_WEIGHTS
  const [red, green, blue] = [matrix[3], matrix[4], matrix[5]]
  const sum = red + green + blue
  return green / sum > 1e-6 ? [red / sum, green / sum, blue / sum] : REC709_WEIGHTS
}
