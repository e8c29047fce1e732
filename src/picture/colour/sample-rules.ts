import { attributeNamed, numberNamed } from "../header/model.ts"
import { type Finding, inSpace, nothing } from "./decision.ts"
import { dpxSpace } from "./dpx-transfer.ts"
import { readIcc } from "./icc.ts"
import type { ColourSource } from "./source.ts"
import { SPACES, type Space } from "./spaces.ts"

const spaceOf = (configSpace: string): Space | undefined => SPACES.find((one) => one.configSpace === configSpace)

export function dpxTransfer({ part }: ColourSource): Finding {
  const found = dpxSpace(numberNamed(part, "transfer") ?? 255, numberNamed(part, "bitDepth") ?? 0)
  const space = spaceOf(found.configSpace)
  return space === undefined ? nothing : inSpace(space, found.rule, found.evidence)
}

/** Floating-point samples are scene-linear; integers are sRGB, or linear where an ICC profile says so. */
export function tiffSamples(source: ColourSource): Finding {
  const type = source.part.channels[0]?.pixelType ?? ""
  if (type.startsWith("float")) return tiffSpace("lin_rec709", `The TIFF has ${type} samples: scene-linear.`, [])
  const icc = source.iccBytes === null ? null : readIcc(source.iccBytes)
  const says = `The TIFF has ${type} samples`
  if (icc?.isLinear)
    return tiffSpace("lin_rec709", `${says} and an ICC profile (${icc.description}) that is linear.`, [])
  if (icc === null) {
    const broken = attributeNamed(source.part, "ICCProfile") !== undefined
    const warnings = broken ? ["The TIFF's ICC profile cannot be read; the picture is shown as sRGB."] : []
    return tiffSpace("srgb_tx", `${says} and no ICC profile that can be read: sRGB.`, warnings)
  }
  if (icc.isSrgb) return tiffSpace("srgb_tx", `${says} and an ICC profile (${icc.description}) that is sRGB.`, [])
  const warning = `The TIFF's ICC profile (${icc.description}) is not sRGB; its code values are shown as if it were.`
  return tiffSpace("srgb_tx", `${says}; its ICC profile (${icc.description}) is not applied: sRGB.`, [warning])
}

function tiffSpace(configSpace: string, evidence: string, warnings: readonly string[]): Finding {
  const space = spaceOf(configSpace)
  return space === undefined ? nothing : { ...inSpace(space, "tiff-samples", evidence), warnings }
}
