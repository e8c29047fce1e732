import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import { DPX_UNSET } from "../header/dpx.ts"
import { boxHeight, boxWidth, type HeaderPart, numberNamed, type PictureHeader } from "../header/model.ts"
import { dpxRowBytes, paddedRowsProblem } from "./dpx-rows.ts"
import { grey, type Shown } from "./shown.ts"

/** Channels as the decoder names them, by image descriptor; what is not here was seen to come out wrong or not at all. */
const SHOWN: Readonly<Record<number, Shown["channels"]>> = {
  1: grey("R"),
  2: grey("G"),
  3: grey("B"),
  4: grey("A"),
  6: grey("Y"),
  50: ["R", "G", "B"],
  51: ["R", "G", "B"],
  52: ["R", "G", "B"],
}

/** Exif orientation of each DPX orientation: line direction, then direction of the lines (SMPTE 268M). */
const EXIF_ORIENTATION: Readonly<Record<number, number>> = { 0: 1, 1: 2, 2: 4, 3: 3, 4: 5, 5: 6, 6: 8, 7: 7 }

/**
 * The picture of a DPX: its first image element. What the decoder was seen to read wrongly without a word is refused.
 * Fails: picture/unsupported, picture/damaged where pixels are missing, picture/no-displayable-channels for depth.
 */
export function shownInDpx(header: PictureHeader, fileSizeBytes: number): Result<Shown> {
  const part = header.parts[0]
  if (part === undefined) return failed(failure("picture/damaged", "The DPX has no image element."))
  const descriptor = numberNamed(part, "descriptor") ?? 0
  if (descriptor === 8) return failed(failure("picture/no-displayable-channels", "The DPX holds depth, not a picture."))
  const channels = SHOWN[descriptor]
  if (channels === undefined) return unsupported(`DPX pictures of descriptor ${descriptor} are not shown correctly.`)
  const problem = planarProblem(header.parts) ?? sampleProblem(part) ?? placeProblem(part)
  if (problem !== null) return unsupported(problem)
  const orientation = EXIF_ORIENTATION[numberNamed(part, "orientation") ?? 0] ?? 1
  if (orientation >= 5 && boxWidth(part.dataWindow) !== boxHeight(part.dataWindow))
    return unsupported("DPX pictures stored column by column are read scrambled by the decoder.")
  const truncated = truncation(part, fileSizeBytes)
  if (truncated !== null) return failed(failure("picture/damaged", truncated))
  const padded = paddedRowsProblem(part, fileSizeBytes)
  if (padded !== null) return unsupported(padded)
  const reason = `Shows ${channels[0] === channels[1] ? `${channels[0]} as grey` : channels.join(", ")} of image element 0.`
  return done({ part, view: null, layer: null, channels, reason, orientation, warnings: [] })
}

const unsupported = (says: string): Result<never> => failed(failure("picture/unsupported", says))

function planarProblem(parts: readonly HeaderPart[]): string | null {
  const descriptors = parts.map((part) => numberNamed(part, "descriptor") ?? 0)
  const planes = descriptors.filter((descriptor) => descriptor >= 1 && descriptor <= 3)
  return planes.length < 2 ? null : "DPX pictures with R, G and B in separate image elements are not decoded."
}

function sampleProblem(part: HeaderPart): string | null {
  const bits = numberNamed(part, "bitDepth") ?? 0
  const packing = numberNamed(part, "packing") ?? 0
  if (part.compression === "rle") return "Run-length encoded DPX pictures are not decoded."
  if (numberNamed(part, "dataSign") !== 0 && bits < 32)
    return "The DPX header says the samples are signed, or leaves it open, which the decoder misreads."
  if (![8, 10, 12, 16, 32, 64].includes(bits)) return `DPX pictures of ${bits} bits are not decoded.`
  if ((bits === 10 || bits === 12) && packing > 2) return `The DPX packing ${packing} is not decoded.`
  return null
}

function placeProblem(part: HeaderPart): string | null {
  const offset = numberNamed(part, "dataOffset") ?? 0
  if (offset >= 1408 && offset !== DPX_UNSET) return null
  return "The DPX image element does not say where its pixels are; the decoder would show the header as pixels."
}

function truncation(part: HeaderPart, fileSizeBytes: number): string | null {
  const end = (numberNamed(part, "dataOffset") ?? 0) + dpxRowBytes(part) * boxHeight(part.dataWindow)
  return end <= fileSizeBytes ? null : `The DPX ends at byte ${fileSizeBytes}, its pixels at ${end}: it is truncated.`
}
