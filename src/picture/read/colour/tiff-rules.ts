import { type HeaderPart, numberNamed } from "../header/model.ts"
import type { ColourSource, Finding } from "./decision.ts"
import type { IccProfile } from "./icc.ts"
import { bySamples, isFloat } from "./profile-rule.ts"

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
