// What the header of each format says of its colour space, and what is taken for granted where it says nothing.

import { ICC_ATTRIBUTE } from "../header/icc-profile.ts"
import {
  attributeNamed,
  type HeaderPart,
  numberNamed,
  numbersNamed,
  type StillFormat,
  textNamed,
} from "../header/model.ts"
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
import type { IccProfile } from "./icc.ts"
import { byLight, bySamples, isFloat } from "./profile-rule.ts"
import { spaceOfInteropId } from "./spaces.ts"
import { pngLight } from "./stated-light.ts"

/** How a sentence calls a file of the format. */
const CALLED: Readonly<Record<StillFormat, string>> = {
  png: "PNG",
  jpeg: "JPEG",
  targa: "TGA",
  webp: "WebP",
  cineon: "Cineon file",
  radiance: "Radiance picture",
  jpeg2000: "JPEG 2000 picture",
  psd: "PSD",
}

/** Chunks of a PNG in the order in which its third edition ranks them: cICP, then a profile, sRGB, gAMA with cHRM. */
export function pngChunks(source: ColourSource): Finding {
  const stated = codePoints(source)
  if (stated.decision !== null || attributeNamed(source.part, ICC_ATTRIBUTE) !== undefined) return stated
  if (numbersNamed(source.part, "sRGB").length > 0)
    return inSpaceCalled("srgb_tx", "png-srgb", "The PNG's sRGB chunk says sRGB.")
  const light = pngLight(source.part)
  if (light === null) return stated
  const evidence = "The PNG states gamma and primaries (gAMA, cHRM)"
  return byLight({ light, name: "png_gamma", rule: "png-gamma", evidence })
}

/** Primaries and transfer of ITU-T H.273, as far as they are a space of ours. */
const CODE_POINTS: Readonly<Record<string, string>> = {
  "1/13": "srgb_tx",
  "1/1": "itu709_rec709",
  "1/4": "g22_rec709",
  "1/8": "lin_rec709",
  "9/8": "lin_rec2020",
  "9/16": "pq_rec2020",
  "9/18": "hlg_rec2020",
  "12/8": "lin_p3d65",
  "12/13": "srgb_p3d65",
  "12/16": "pq_p3d65",
}

function codePoints({ part }: ColourSource): Finding {
  const [primaries, transfer, matrix, fullRange] = numbersNamed(part, "cICP")
  if (primaries === undefined) return nothing
  const stated = `The PNG's cICP chunk states primaries ${primaries} and transfer ${transfer}`
  const configSpace = CODE_POINTS[`${primaries}/${transfer}`]
  if (configSpace === undefined || matrix !== 0 || fullRange !== 1)
    return { decision: null, warnings: [`${stated}, which is not followed.`] }
  return inSpaceCalled(configSpace, "png-cicp", `${stated}.`)
}

/** Photoshop's pictures of floating-point samples are light, whatever their profile. */
export const stillSamples = (source: ColourSource): Finding =>
  bySamples(source, {
    what: CALLED[source.format as StillFormat],
    isCmyk: isCmyk(source.part),
    isByTables: (icc) => isByTables(source, icc),
    rules: { ofProfile: "icc-profile", ofSamples: "samples" },
    withoutProfile: "",
    shownAs: "sRGB",
    warnsOfTables: false,
  })

export const isCmyk = ({ channels }: HeaderPart): boolean => channels.some(({ name }) => name === "K")

/** What libvips reads; and nothing beside the colours: it and oiiotool make something else of alpha. */
const READ_BY_LIBVIPS: ReadonlySet<string> = new Set(["png", "jpeg", "webp"])

function isByTables({ format, part }: ColourSource, { model, hasTables }: IccProfile): boolean {
  const fits = isCmyk(part) ? model === "CMYK" : model === "RGB" && part.channels.length === 3
  return hasTables && fits && READ_BY_LIBVIPS.has(format)
}

/** The format is one for printing density of film, and has no other. */
export const cineonLog = (): Finding =>
  inSpaceCalled("KodakLog", "samples", "A Cineon file holds printing density: Cineon log.")

/** PRIMARIES where there are any that can be followed; else those of Rec.709, as the world's Radiance pictures are meant. */
export function radiancePrimaries({ part }: ColourSource): Finding {
  const numbers = numbersNamed(part, "PRIMARIES")
  const found = chromaticitiesOf(numbers)
  const rec709 = inSpaceCalled(
    "lin_rec709",
    "samples",
    "The Radiance picture holds light and states no primaries: Rec.709.",
  )
  if (numbers.length === 0) return rec709
  const meaning = found === null ? null : meaningOf(found)
  const says = `The Radiance picture states its primaries (${numbers.slice(0, 8).join(" ")})`
  if (meaning === null || meaning.is === "invalid")
    return { ...rec709, warnings: [`${says}, which cannot be followed; it is shown with those of Rec.709.`] }
  if (meaning.is === "space")
    return inSpaceCalled(meaning.configSpace, "chromaticities", `${says}: ${meaning.configSpace}.`)
  return byMatrix({ name: meaning.name, matrix: meaning.matrix, rule: "chromaticities", evidence: `${says}.` })
}

/** Profiles of ISO/IEC 15444-1 for digital cinema, whose code values are X'Y'Z' by SMPTE ST 428-1. */
const CINEMA: ReadonlySet<number> = new Set([3, 4, 5, 6])

export function cinemaCodes({ part }: ColourSource): Finding {
  const profile = numberNamed(part, "profile")
  if (profile === null || !CINEMA.has(profile) || part.channels.length !== 3) return nothing
  return inSpaceCalled(
    "g26_xyzd65",
    "samples",
    `The codestream is of a profile for digital cinema (${profile}): X'Y'Z'.`,
  )
}

const RGB = 2
const CMYK = 5

/** The ICC profile where there is one that can be followed; else floating-point samples are scene-linear, and integers sRGB. */
export const tiffSamples = (source: ColourSource): Finding =>
  bySamples(source, {
    what: "TIFF",
    isCmyk: numberNamed(source.part, "PhotometricInterpretation") === CMYK,
    isByTables: (icc) => isConvertedByTables(source.part, icc),
    rules: { ofProfile: "tiff-samples", ofSamples: "tiff-samples" },
    withoutProfile: " and no ICC profile",
    shownAs: isFloat(source.part) ? "scene-linear Rec.709" : "sRGB",
    warnsOfTables: true,
  })

/**
 * Tables go before curves and primaries. Kinds of samples that libvips reads as oiiotool does, tried in
 * engines/icc-tables.test.ts; nothing beside the colours, which the two would make something else of.
 */
function isConvertedByTables(part: HeaderPart, { model, hasTables }: IccProfile): boolean {
  const photometric = numberNamed(part, "PhotometricInterpretation")
  const isRight = photometric === CMYK ? model === "CMYK" : photometric === RGB && model === "RGB"
  const type = part.channels[0]?.pixelType ?? ""
  return hasTables && isRight && part.channels.length === model.length && (type === "uint8" || type === "uint16")
}

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
