import { failure } from "../../../events/failure.ts"
import { done, failed, type Result } from "../../../events/result.ts"
import type { PictureChoice } from "../../index.ts"
import { labStorage } from "../colour/lab.ts"
import { attributeNamed, type HeaderPart, numbersNamed, type PictureHeader } from "../header/model.ts"
import { photometricName } from "../header/tiff-names.ts"
import { firstNumber } from "../header/tiff-part.ts"
import { chosenSays, elementMissing, NO_CHOICE, plainChannels } from "./choice.ts"
import { channelsText, grey, type Shown } from "./shown.ts"
import { tiffSampleProblem } from "./tiff-samples.ts"

/**
 * The picture of a TIFF: the chosen directory, else the first that is neither a reduced copy nor a mask. Kinds that the
 * decoder was seen to read wrongly without a word are refused.
 * Fails: picture/unsupported, picture/no-displayable-channels, picture/choice-missing.
 */
export function shownInTiff({ parts }: PictureHeader, choice: PictureChoice = NO_CHOICE): Result<Shown> {
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
function labPass(part: HeaderPart): Pick<Shown, "pass"> {
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
function channelsOf(part: HeaderPart): Shown["channels"] | string {
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
function namedByDecoder(part: HeaderPart, usual: Shown["channels"]): readonly string[] {
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
