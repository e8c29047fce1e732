import { attributeNamed, type HeaderPart, numberNamed } from "../header/model.ts"
import { type ColourSource, type Finding, inSpaceCalled, isGrey } from "./decision.ts"
import { type IccLight, type IccProfile, readIcc } from "./icc.ts"
import { byLight, byTables, called, nameOfProfile } from "./profile-rule.ts"
import { neutral } from "./stated-light.ts"

const RGB = 2
const CMYK = 5

/**
 * The ICC profile where there is one that can be followed; else floating-point samples are scene-linear, and integers
 * sRGB.
 */
export function tiffSamples(source: ColourSource): Finding {
  const says = `The TIFF has ${source.part.channels[0]?.pixelType ?? "no"} samples`
  const stated = attributeNamed(source.part, "ICCProfile") !== undefined
  if (!stated) return unstated(source.part, `${says} and no ICC profile`, [])
  const icc = source.iccBytes === null ? null : readIcc(source.iccBytes)
  if (icc === null) return lost(source.part, says, "The TIFF's ICC profile cannot be read")
  if (isConvertedByTables(source, icc)) return byTables(icc, "tiff-samples", says)
  const isCmyk = numberNamed(source.part, "PhotometricInterpretation") === CMYK
  const light = lightFor(source, icc, isCmyk)
  if (typeof light === "string") return lost(source.part, says, `The TIFF's ICC profile${called(icc)} ${light}`)
  const evidence = `${says} and an ICC profile${called(icc)}`
  const found = byLight({ light, name: nameOfProfile(icc), rule: "tiff-samples", evidence })
  return icc.hasTables ? { ...found, warnings: [...found.warnings, approximate(icc)] } : found
}

const approximate = (icc: IccProfile): string =>
  `The TIFF's ICC profile${called(icc)} holds tables, too, which were not followed: its curves and primaries were.`

/**
 * Tables go before curves and primaries. Kinds of samples that libvips reads as oiiotool does, tried in
 * engines/icc-tables.test.ts; nothing beside the colours, which the two would make something else of.
 */
function isConvertedByTables({ part }: ColourSource, { model, hasTables }: IccProfile): boolean {
  const photometric = numberNamed(part, "PhotometricInterpretation")
  const isRight = photometric === CMYK ? model === "CMYK" : photometric === RGB && model === "RGB"
  const type = part.channels[0]?.pixelType ?? ""
  return hasTables && isRight && part.channels.length === model.length && (type === "uint8" || type === "uint16")
}

/** What the profile says of such samples, or why it says nothing. */
export function lightFor(source: ColourSource, { model, light }: IccProfile, isCmyk: boolean): IccLight | string {
  const fitting = isCmyk ? ["CMYK"] : isGrey(source) ? ["GRAY", "RGB"] : ["RGB"]
  if (!fitting.includes(model)) return `is one for ${model || "nothing"}, which the samples are not`
  if (light === null) return isCmyk ? "of CMYK is not followed" : "has no usable curves and primaries"
  return isGrey(source) ? neutral(light) : light
}

/** As if there were no profile, with a warning that says why. */
function lost(part: HeaderPart, says: string, why: string): Finding {
  const shown = isFloat(part) ? "scene-linear Rec.709" : "sRGB"
  return unstated(part, `${says} and no ICC profile that can be followed`, [
    `${why}; the picture is shown as ${shown}.`,
  ])
}

function unstated(part: HeaderPart, says: string, warnings: readonly string[]): Finding {
  const [configSpace, means] = isFloat(part) ? ["lin_rec709", "scene-linear"] : ["srgb_tx", "sRGB"]
  return { ...inSpaceCalled(configSpace, "tiff-samples", `${says}: ${means}.`), warnings }
}

const isFloat = ({ channels }: HeaderPart): boolean => channels[0]?.pixelType.startsWith("float") === true
