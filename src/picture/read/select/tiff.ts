import { done, failed, failure, type Result } from "../../../events/result.ts"
import type { PictureChoice } from "../../model.ts"
import { labStorage } from "../colour/lab.ts"
import { attributeNamed, firstNumber, type HeaderPart, numbersNamed, type PictureHeader } from "../header/model.ts"
import { photometricName } from "../header/tiff-names.ts"
import { channelsText, grey, type ShownPicture } from "./candidates.ts"
import { chosenSays, elementMissing, NO_CHOICE, plainChannels } from "./choice.ts"

/**
 * The picture of a TIFF: the chosen directory, else the first that is neither a reduced copy nor a mask. Kinds that the
 * decoder was seen to read wrongly without a word are refused.
 * Fails: picture/unsupported, picture/no-displayable-channels, picture/choice-missing.
 */
export function shownInTiff({ parts }: PictureHeader, choice: PictureChoice = NO_CHOICE): Result<ShownPicture> {
  const chosen = parts.find(({ index }) => index === choice.part)
  if (choice.part !== undefined && chosen === undefined)
    return failed(
      elementMissing(
        "directory",
        choice.part,
        parts.map(({ index }) => String(index)),
      ),
    )
  const part = chosen ?? parts.find((directory) => !isReducedOrMask(directory)) ?? parts[0]
  if (part === undefined) return failed(failure("picture/damaged", "The TIFF has no directory."))
  const problem = tiffSampleProblem(part)
  if (problem !== null) return failed(failure("picture/unsupported", problem))
  const usual = channelsOf(part)
  if (typeof usual === "string") return failed(failure("picture/no-displayable-channels", usual))
  const channels = plainChannels(choice, { what: "a TIFF", there: namedByDecoder(part, usual) })
  if (!channels.ok) return channels
  const shown = channels.value ?? usual
  const photometric = photometricName(firstNumber(part, "PhotometricInterpretation"))
  const stated = firstNumber(part, "Orientation") ?? 1
  return done({
    part,
    view: null,
    layer: null,
    channels: shown,
    reason: `Shows ${channelsText(shown)} of directory ${part.index} (${photometric})${chosenSays(choice)}.`,
    orientation: Number.isInteger(stated) && stated >= 1 && stated <= 8 ? stated : 1,
    warnings: warnings(part),
    ...labPass(part),
  })
}

/** Of CIELab and ICCLab the decoder gives the samples as they are stored, and calls them R, G, B all the same. */
function labPass(part: HeaderPart): Pick<ShownPicture, "pass"> {
  const lab = labStorage(part)
  if (lab === null) return {}
  const isOverlaid = numbersNamed(part, "ExtraSamples").includes(UNASSOCIATED)
  return { pass: { kind: "lab", channels: ["R", "G", "B", ...(isOverlaid ? ["A"] : [])], lab } }
}

/** Alpha that the colours are not multiplied by. */
const UNASSOCIATED = 2

function isReducedOrMask(part: HeaderPart): boolean {
  const kind = firstNumber(part, "NewSubfileType") ?? 0
  const oldKind = firstNumber(part, "SubfileType") ?? 1
  return (kind & 1) !== 0 || (kind & 4) !== 0 || oldKind === 2
}

/** Names that the decoder gives the shown samples: it converts palette, CMYK and YCbCr to R, G, B itself. */
function channelsOf(part: HeaderPart): ShownPicture["channels"] | string {
  const photometric = firstNumber(part, "PhotometricInterpretation") ?? -1
  const samples = part.channels.length
  const extras = numbersNamed(part, "ExtraSamples")
  if (photometric > 2) return ["R", "G", "B"]
  const colours = samples - extras.length
  const isGrey = photometric !== 2 && (samples <= 2 || colours === 1)
  if (isGrey) return grey(greyName(samples, extras))
  if (colours >= 3) return ["R", "G", "B"]
  return `The TIFF has ${samples} samples in a pixel, ${Math.max(0, colours)} of them colour: neither grey nor R, G, B.`
}

/** Channels that can be chosen one by one: the decoder's names of colour that it converts itself are not the file's. */
function namedByDecoder(part: HeaderPart, usual: ShownPicture["channels"]): readonly string[] {
  const hasAlpha = labStorage(part) === null && part.channels[usual[0] === usual[1] ? 1 : 3]?.name === "A"
  return [...new Set(usual), ...(hasAlpha ? ["A"] : [])]
}

/** The decoder calls the only sample Y, also beside alpha; beside anything else it counts R, G, B. */
function greyName(samples: number, extras: readonly number[]): string {
  const besideAlpha = samples === 2 && (extras[0] === 1 || extras[0] === 2)
  return samples === 1 || besideAlpha ? "Y" : "R"
}

const ONLY_REDUCED =
  "Only a reduced copy is shown: the full picture lies in a directory below it (SubIFDs), which no decoder here reads."

function warnings(part: HeaderPart): readonly string[] {
  const photometric = firstNumber(part, "PhotometricInterpretation")
  const full = attributeNamed(part, "ImageFullWidth") ?? attributeNamed(part, "ImageFullLength")
  const greyTagged = photometric !== null && photometric < 2 && part.channels.length >= 3
  return [
    ...(isReducedOrMask(part) && attributeNamed(part, "SubIFDs") !== undefined ? [ONLY_REDUCED] : []),
    ...(greyTagged && numbersNamed(part, "ExtraSamples").length === 0
      ? ["The TIFF is tagged as grey but has three or more samples; they are shown as R, G, B."]
      : []),
    ...(full === undefined ? [] : ["The TIFF is a crop of a larger picture; the crop is shown."]),
  ]
}

/**
 * Which samples the decoder reads rightly, tried kind by kind on files of a known colour (select/tiff.test.ts). It
 * returns wrong pixels and exit 0 for 24 bits, white-is-zero above 8 bits, float CMYK, palettes with alpha or
 * without a map, among others: those are refused by name.
 */
type SampleRule = {
  readonly bits: readonly number[]
  readonly formats: readonly string[]
  /** Samples in a pixel, where the kind fixes them. */
  readonly samples?: readonly number[]
}

const INTEGERS = ["uint", "int"]
const RULES: Readonly<Record<number, SampleRule>> = {
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
function tiffSampleProblem(part: HeaderPart): string | null {
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
