import { ICC_ATTRIBUTE } from "../header/icc-profile.ts"
import { attributeNamed, type HeaderPart, numberNamed, numbersNamed, type StillFormat } from "../header/model.ts"
import { chromaticitiesOf, meaningOf } from "./chromaticities.ts"
import { byMatrix, type ColourSource, type Finding, inSpaceCalled, nothing } from "./decision.ts"
import type { IccProfile } from "./icc.ts"
import { byLight, bySamples } from "./profile-rule.ts"
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
