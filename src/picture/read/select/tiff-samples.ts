import { attributeNamed, type HeaderPart, numbersNamed } from "../header/model.ts"
import { photometricName } from "../header/tiff-names.ts"
import { firstNumber } from "../header/tiff-part.ts"

/**
 * Which samples the decoder reads rightly, tried kind by kind on files of a known colour (select/tiff.test.ts). It
 * returns wrong pixels and exit 0 for 24 bits, white-is-zero above 8 bits, float CMYK, palettes with alpha or
 * without a map, among others: those are refused by name.
 */
type Rule = {
  readonly bits: readonly number[]
  readonly formats: readonly string[]
  /** Samples in a pixel, where the kind fixes them. */
  readonly samples?: readonly number[]
}

const INTEGERS = ["uint", "int"]
const RULES: Readonly<Record<number, Rule>> = {
  0: { bits: [1, 2, 4, 6, 8], formats: ["uint"], samples: [1] },
  1: { bits: [1, 2, 4, 6, 8, 10, 12, 14, 16, 32, 64], formats: [...INTEGERS, "float"] },
  2: { bits: [1, 2, 4, 6, 8, 10, 12, 14, 16, 32, 64], formats: [...INTEGERS, "float"] },
  3: { bits: [1, 2, 4, 8, 16], formats: ["uint"], samples: [1] },
  5: { bits: [8, 16], formats: ["uint"], samples: [4] },
  6: { bits: [8], formats: ["uint"], samples: [3] },
  // Read as they are stored, and converted here.
  8: { bits: [8, 16], formats: INTEGERS },
  9: { bits: [8, 16], formats: ["uint"] },
}

const COMPRESSIONS: ReadonlySet<string> = new Set([
  ..."none ccittrle ccittfax3 ccittfax4 lzw jpeg zip packbits".split(" "),
  // Lossless, and a decoder built without them says so instead of showing something else.
  ..."lzma zstd webp".split(" "),
])

/** Why the directory's samples are not shown, or null. */
export function tiffSampleProblem(part: HeaderPart): string | null {
  return compressionProblem(part) ?? kindProblem(part) ?? layoutProblem(part)
}

function compressionProblem({ compression, channels }: HeaderPart): string | null {
  if (!COMPRESSIONS.has(compression)) return `Unsupported TIFF compression: ${compression}.`
  if (compression === "jpeg" && channels[0]?.pixelType !== "uint8") return "JPEG in TIFF is shown with 8 bits only."
  return null
}

function kindProblem(part: HeaderPart): string | null {
  const photometric = firstNumber(part, "PhotometricInterpretation")
  const rule = RULES[photometric ?? -1]
  const name = photometricName(photometric)
  if (rule === undefined) return `TIFF pictures of this kind (${name}) are not shown correctly.`
  const type = part.channels[0]?.pixelType ?? ""
  const [, format = "", bits = ""] = /^([a-z]+)(\d+)$/.exec(type) ?? []
  const known = rule.bits.includes(Number(bits)) && rule.formats.includes(format) && isSampleType(format, Number(bits))
  if (!known) return `TIFF pictures of this kind (${name}) with samples of type ${type} are not shown correctly.`
  if (rule.samples !== undefined && !rule.samples.includes(part.channels.length))
    return `TIFF pictures of this kind (${name}) with ${part.channels.length} samples in a pixel are not shown correctly.`
  return photometric === 3 ? paletteProblem(part, Number(bits)) : null
}

function isSampleType(format: string, bits: number): boolean {
  if (format === "float") return bits === 16 || bits === 32 || bits === 64
  if (format === "int") return bits === 8 || bits === 16 || bits === 32
  return bits !== 64
}

/** A palette holds its colours as SHORT. */
const SHORT_BYTES = 2

function paletteProblem(part: HeaderPart, bits: number): string | null {
  // By its length in the file: of the 196,608 numbers for 16 bits only the first are decoded.
  const mapBytes = attributeNamed(part, "ColorMap")?.span.lengthBytes
  return mapBytes === 3 * 2 ** bits * SHORT_BYTES ? null : "The TIFF has a palette, but no colours that fit it."
}

/** Mixed depths or formats, other inks than CMYK, and alpha in the place of a colour. */
function layoutProblem(part: HeaderPart): string | null {
  const mixed = ["BitsPerSample", "SampleFormat"].find((name) => new Set(numbersNamed(part, name)).size > 1)
  if (mixed !== undefined) return `TIFF samples that differ in ${mixed} are not decoded.`
  const photometric = firstNumber(part, "PhotometricInterpretation")
  if (photometric === 8 || photometric === 9) return labProblem(part)
  if (photometric === 5 && (firstNumber(part, "InkSet") ?? 1) !== 1) return "Only the inks C, M, Y, K are shown."
  if (photometric === 5 && part.compression === "jpeg") return "CMYK as JPEG in TIFF is not shown correctly."
  return null
}

/** Schemes that change the samples, or take them for R, G, B. */
const LOSSY: ReadonlySet<string> = new Set(["jpeg", "webp"])

function labProblem(part: HeaderPart): string | null {
  if (LOSSY.has(part.compression)) return `Lab as ${part.compression} in TIFF is not shown correctly.`
  const colours = part.channels.length - numbersNamed(part, "ExtraSamples").length
  return colours === 3 ? null : `Lab is shown of three samples in a pixel, not of ${colours}.`
}
