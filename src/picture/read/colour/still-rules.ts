import { attributeNamed, type HeaderPart, numbersNamed, type StillFormat } from "../header/model.ts"
import { ICC_ATTRIBUTE } from "../header/still.ts"
import { type Finding, inSpace, nothing, type RuleName } from "./decision.ts"
import { type IccProfile, readIcc } from "./icc.ts"
import { pngLight } from "./png-light.ts"
import { byLight, byTables, called, nameOfProfile } from "./profile-rule.ts"
import type { ColourSource } from "./source.ts"
import { SPACES } from "./spaces.ts"
import { lightFor } from "./tiff-rules.ts"

/** How a sentence calls a file of the format. */
export const CALLED: Readonly<Record<StillFormat, string>> = {
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
    return named("srgb_tx", "png-srgb", "The PNG's sRGB chunk says sRGB.")
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
  return named(configSpace, "png-cicp", `${stated}.`)
}

function named(configSpace: string, rule: RuleName, evidence: string): Finding {
  const space = SPACES.find((one) => one.configSpace === configSpace)
  return space === undefined ? nothing : inSpace(space, rule, evidence)
}

/** The ICC profile where there is one that can be followed; else what the format's samples usually are. */
export function stillSamples(source: ColourSource): Finding {
  const what = CALLED[source.format as StillFormat]
  const says = `The ${what} has ${source.part.channels[0]?.pixelType ?? "no"} samples`
  if (attributeNamed(source.part, ICC_ATTRIBUTE) === undefined) return unstated(source.part, says, [])
  const icc = source.iccBytes === null ? null : readIcc(source.iccBytes)
  const lost = (why: string): Finding =>
    unstated(source.part, `${says} and no ICC profile that can be followed`, [
      `The ${what}'s ICC profile ${why}; the picture is shown as sRGB.`,
    ])
  if (icc === null) return lost("cannot be read")
  if (isByTables(source, icc)) return byTables(icc, "icc-profile", says)
  const light = lightFor(source, icc, isCmyk(source.part))
  if (typeof light === "string") return lost(`${called(icc)} ${light}`.trim())
  return byLight({
    light,
    name: nameOfProfile(icc),
    rule: "icc-profile",
    evidence: `${says} and an ICC profile${called(icc)}`,
  })
}

export const isCmyk = ({ channels }: HeaderPart): boolean => channels.some(({ name }) => name === "K")

/** What libvips reads; and nothing beside the colours: it and oiiotool make something else of alpha. */
const READ_BY_LIBVIPS: ReadonlySet<string> = new Set(["png", "jpeg", "webp"])

function isByTables({ format, part }: ColourSource, { model, hasTables }: IccProfile): boolean {
  const fits = isCmyk(part) ? model === "CMYK" : model === "RGB" && part.channels.length === 3
  return hasTables && fits && READ_BY_LIBVIPS.has(format)
}

/** Photoshop's pictures of floating-point samples are light, whatever their profile. */
function unstated({ channels }: HeaderPart, says: string, warnings: readonly string[]): Finding {
  const isFloat = channels[0]?.pixelType.startsWith("float") === true
  const [space, means] = isFloat ? ["lin_rec709", "scene-linear"] : ["srgb_tx", "sRGB"]
  return { ...named(space, "samples", `${says}: ${means}.`), warnings }
}
