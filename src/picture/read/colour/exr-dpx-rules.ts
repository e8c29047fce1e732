import { attributeNamed, numberNamed, numbersNamed, textNamed } from "../header/model.ts"
import { chromaticitiesOf, meaningOf, XYZ_TO_REC709 } from "./chromaticities.ts"
import {
  byMatrix,
  type ColourSource,
  type Finding,
  inSpace,
  inSpaceCalled,
  isGrey,
  nothing,
  warned,
} from "./decision.ts"
import { spaceOfInteropId } from "./spaces.ts"

/** `unknown` says that its writer did not know, and `data` stands for itself: no namespace makes either of them. */
export function interopId({ part, firstPart }: ColourSource): Finding {
  const id = textNamed(part, "colorInteropID") ?? textNamed(firstPart, "colorInteropID")
  if (id === null || id === "" || id === "unknown") return nothing
  const space = spaceOfInteropId(id)
  if (space === undefined || (space.configSpace === "data" && id !== "data"))
    return warned(`The header's colorInteropID ${JSON.stringify(id.slice(0, 100))} is not known.`)
  return inSpace(space, "interop-id", `The header's colorInteropID is ${JSON.stringify(id)}.`)
}

export function acesContainer({ part, firstPart }: ColourSource): Finding {
  const flag = numberNamed(part, "acesImageContainerFlag") ?? numberNamed(firstPart, "acesImageContainerFlag")
  const evidence = "The header's acesImageContainerFlag is 1: SMPTE ST 2065-4, always ACES2065-1."
  return flag === 1 ? inSpaceCalled("ACES2065-1", "aces-container", evidence) : nothing
}

/** Channels called X, Y and Z are CIE XYZ whatever the chromaticities say of R, G and B. */
export function xyzChannels({ channels }: ColourSource): Finding {
  if (channels.join().toLowerCase() !== "x,y,z" || XYZ_TO_REC709 === null) return nothing
  const evidence = "The shown channels are called X, Y and Z: CIE XYZ, not adapted."
  return byMatrix({ name: "lin_xyz_e", matrix: XYZ_TO_REC709, rule: "default", evidence })
}

export function chromaticities(source: ColourSource): Finding {
  const { part, firstPart } = source
  const holder = attributeNamed(part, "chromaticities")?.type === "chromaticities" ? part : firstPart
  if (attributeNamed(holder, "chromaticities")?.type !== "chromaticities") return nothing
  const numbers = numbersNamed(holder, "chromaticities")
  const found = chromaticitiesOf(numbers)
  const listed = numbers.map((number) => Number(number.toFixed(4))).join(" ")
  if (found === null) return warned("The header's chromaticities are malformed and are ignored.")
  const meaning = meaningOf(found)
  if (meaning.is === "invalid") return warned(`The header's chromaticities (${listed}) are ignored: ${meaning.why}.`)
  if (meaning.is === "space")
    return inSpaceCalled(
      meaning.configSpace,
      "chromaticities",
      `The header's chromaticities (${listed}) are those of ${meaning.configSpace}.`,
    )
  if (isGrey(source)) return nothing
  const evidence = `The header's chromaticities (${listed}) are of no named space: a matrix was computed from them.`
  return byMatrix({ name: meaning.name, matrix: meaning.matrix, rule: "chromaticities", evidence })
}

/** Transfer characteristics of SMPTE 268M, table 5A. */
const NAMES: Readonly<Record<number, string>> = {
  0: "user-defined",
  1: "printing density",
  2: "linear",
  3: "logarithmic",
  4: "unspecified video",
  5: "SMPTE 274M",
  6: "ITU-R BT.709",
  7: "ITU-R BT.601 (625)",
  8: "ITU-R BT.601 (525)",
  9: "NTSC composite",
  10: "PAL composite",
  11: "Z (linear depth)",
  12: "Z (homogeneous depth)",
  13: "ADX",
}

const VIDEO: ReadonlySet<number> = new Set([4, 5, 6, 7, 8, 9, 10])

/**
 * The space of a DPX by its transfer code, as 86 surveyed files mean it: printing density is log, "linear" integers carry
 * video gamma, and a code that says nothing means Rec.709 video.
 */
export function dpxTransfer({ part }: ColourSource): Finding {
  const [transfer, bitDepth] = [numberNamed(part, "transfer") ?? 255, numberNamed(part, "bitDepth") ?? 0]
  const stated = `The DPX transfer is ${transfer} (${NAMES[transfer] ?? "unset or unknown"})`
  const means = (configSpace: string, what: string): Finding =>
    inSpaceCalled(configSpace, "dpx-transfer", `${stated}: ${what}.`)
  if (transfer === 1 || transfer === 3) return means("KodakLog", "Cineon log")
  if (transfer === 13 && bitDepth === 10) return means("ADX10", "Academy density exchange, 10 bits")
  if (transfer === 13 && bitDepth === 16) return means("ADX16", "Academy density exchange, 16 bits")
  if (VIDEO.has(transfer)) return means("rec709_video", "Rec.709 video")
  if (transfer === 2 && bitDepth < 32) return means("rec709_video", "integers of this kind carry video gamma")
  if (transfer === 2) return means("lin_rec709", "floating-point samples are scene-linear")
  return inSpaceCalled("rec709_video", "default", `${stated}: shown as Rec.709 video, the safe default.`)
}
