import type { LabStorage } from "../../model.ts"
import { firstNumber, type HeaderPart, numbersNamed } from "../header/model.ts"
import { XYZ_TO_REC709 } from "./chromaticities.ts"
import { type ColourSource, type Finding, inSpaceCalled, nothing } from "./decision.ts"
import { bradford, diagonal, type Matrix, multiply, REC709, whiteXyz, type Xy } from "./matrix.ts"

const ENCODINGS: Readonly<Record<number, LabStorage["encoding"]>> = { 8: "cie", 9: "icc" }
/** Of the profile connection space, and what programs write that state no white. */
const D50: Xy = [0.34567, 0.3585]

/** How a TIFF of CIELab or ICCLab stores its samples; null for any other. */
export function labStorage(part: HeaderPart): LabStorage | null {
  const encoding = ENCODINGS[firstNumber(part, "PhotometricInterpretation") ?? -1]
  const [, sign, bits] = /^(u?)int(\d+)$/.exec(part.channels[0]?.pixelType ?? "") ?? []
  if (encoding === undefined || bits === undefined) return null
  return { encoding, bits: Number(bits), isSigned: sign === "", white: statedWhite(part) ?? D50 }
}

/** The white of the tag WhitePoint, where it is the colour of a light. */
function statedWhite(part: HeaderPart): Xy | null {
  const [x, y] = numbersNamed(part, "WhitePoint")
  if (x === undefined || y === undefined || !(x > 0 && y > 0 && x + y < 1)) return null
  return labToRec709([x, y]) === null ? null : [x, y]
}

/**
 * From X, Y and Z, each relative to that of `white`, to linear Rec.709, adapted to its white by Bradford's transform. Null
 * where a white excites a cone not at all.
 */
export function labToRec709(white: Xy): Matrix | null {
  const adapt = bradford(white, REC709.white)
  if (adapt === null || XYZ_TO_REC709 === null) return null
  return multiply(XYZ_TO_REC709, multiply(adapt, diagonal(whiteXyz(white))))
}

/**
 * L*, a*, b* say by themselves which colours they are: no profile, no setting and no name says otherwise. They are painted
 * as sRGB before anything else is done to them.
 */
export function labSamples({ part }: ColourSource): Finding {
  const storage = labStorage(part)
  if (storage === null) return nothing
  const { encoding, bits, white } = storage
  const under = white === D50 ? "D50" : `the white ${white.map((one) => one.toFixed(4)).join(", ")} of its header`
  const name = encoding === "cie" ? "CIELab" : "ICCLab"
  const evidence = `The TIFF holds ${name} of ${bits} bits under ${under}: a finished picture, converted to sRGB.`
  const { decision, warnings } = inSpaceCalled("srgb_tx", "tiff-samples", evidence)
  return { decision: decision && { ...decision, name }, warnings: [...warnings, ...whiteLost(part, storage)] }
}

const whiteLost = (part: HeaderPart, { white }: LabStorage): readonly string[] =>
  white === D50 && numbersNamed(part, "WhitePoint").length > 0
    ? ["The TIFF's tag WhitePoint is the colour of no light; D50 is used instead."]
    : []
