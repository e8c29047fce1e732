import type { Attribute, Part, Rational } from "../../events/records.generated.ts"

/** What readers want to find without knowing each format's names: a field that the header does not state is left out. */

type Value = string | number | readonly number[] | null

const stated = (fields: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== ""))

type Named = (...names: readonly string[]) => Attribute | undefined

/** The first attribute of any of these names, in any spelling of their letters, that says something. */
const named =
  (parts: readonly Part[]): Named =>
  (...names) =>
    names
      .flatMap((name) => parts.flatMap(({ attributes }) => attributes.filter((one) => one.name.toLowerCase() === name)))
      .find(({ valueText, valueJson }) => valueText !== "" && valueJson !== "null")

const textOf = (attribute: Attribute | undefined): string | null => attribute?.valueText?.trim() ?? null

/** A number that JSON can hold. */
function numberOf(attribute: Attribute | undefined): number | null {
  const number = attribute?.valueFloat ?? attribute?.valueInt ?? null
  return number !== null && Number.isFinite(number) ? number : null
}

const CHROMATICITIES = ["redX", "redY", "greenX", "greenY", "blueX", "blueY", "whiteX", "whiteY"]

/** The eight numbers of an EXR's chromaticities. */
function primariesOf(attribute: Attribute | undefined): readonly number[] | null {
  const value: unknown = attribute?.type === "chromaticities" ? JSON.parse(attribute.valueJson) : null
  if (typeof value !== "object" || value === null) return null
  const numbers = CHROMATICITIES.map((name) => (value as Readonly<Record<string, unknown>>)[name])
  return numbers.every((number) => typeof number === "number") ? numbers : null
}

export function colorBlock(parts: readonly Part[], colorSpace: string) {
  const find = named(parts)
  return stated({
    color_space: colorSpace,
    transfer_function: textOf(find("oiio:transferfunction", "transferfunction")),
    primaries: primariesOf(find("chromaticities")),
  })
}

/** The colon or semicolon before the frame says whether frames are dropped. */
export const timecodeBlock = (timecode: string | null, rate: Rational | null) =>
  stated({ value: timecode, rate: rate === null ? null : Math.round((rate.num / rate.den) * 1000) / 1000 })

export function cameraBlock(parts: readonly Part[]) {
  const find = named(parts)
  return stated({
    make: textOf(find("cameramake", "make")),
    model: textOf(find("cameramodel", "model", "inputdevice")),
    lens: textOf(find("lensmodel", "exif:lensmodel")),
    exposure: numberOf(find("exptime", "exposuretime")),
    fnumber: numberOf(find("aperture", "fnumber")),
    iso: numberOf(find("isospeed", "exif:photographicsensitivity")),
  })
}

export function productionBlock(parts: readonly Part[]) {
  const find = named(parts)
  return stated({
    creator: textOf(find("artist", "owner", "creator")),
    copyright: textOf(find("copyright")),
    description: textOf(find("imagedescription", "comments", "description")),
    software: softwareOf(parts),
  })
}

/** `software` of an EXR, `Software` of a TIFF, `creator` of a DPX. */
export const softwareOf = (parts: readonly Part[]): string | null => textOf(named(parts)("software", "creator"))
