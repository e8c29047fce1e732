import { done, failed, failure, type Result } from "../../../events/result.ts"
import type { PictureChoice } from "../../model.ts"
import { dpxElements, dpxReaderProblem, legalRange } from "../../samples/dpx/kinds.ts"
import { bitsOf, dpxStorage } from "../header/dpx-storage.ts"
import { boxHeight, boxWidth, type HeaderPart, numberNamed, type PictureHeader } from "../header/model.ts"
import { channelsText, grey, type ShownPicture } from "./candidates.ts"
import { chosenSays, elementMissing, isChoice, plainChannels } from "./choice.ts"
import { insteadSays } from "./passes.ts"

/** Channels that are shown, by image descriptor. */
const SHOWN: Readonly<Record<number, ShownPicture["channels"]>> = {
  1: grey("R"),
  2: grey("G"),
  3: grey("B"),
  4: grey("A"),
  6: grey("Y"),
  8: grey("Z"),
  50: ["R", "G", "B"],
  51: ["R", "G", "B"],
  52: ["R", "G", "B"],
  100: ["Y", "Cb", "Cr"],
  101: ["Y", "Cb", "Cr"],
  102: ["Y", "Cb", "Cr"],
  103: ["Y", "Cb", "Cr"],
}

/** Exif orientation of each DPX orientation: line direction, then direction of the lines (SMPTE 268M). */
const EXIF_ORIENTATION: Readonly<Record<number, number>> = { 0: 1, 1: 2, 2: 4, 3: 3, 4: 5, 5: 6, 6: 8, 7: 7 }

const DEPTH = 8
const DEPTH_SAYS = "It is depth, in grey from the smallest value (black, near) to the largest (white, far)."

type DpxRequest = {
  readonly fileSizeBytes: number
  /** Whether a reader of our own reads it; what oiiotool was seen to read wrongly without a word is refused otherwise. */
  readonly ownReaders: boolean
  readonly choice: PictureChoice
}

/**
 * The picture of a DPX: its first image element, or the three that hold red, green and blue.
 * Fails: picture/unsupported, picture/damaged where pixels are missing, picture/choice-missing.
 */
export function shownInDpx(header: PictureHeader, request: DpxRequest): Result<ShownPicture> {
  const part = header.parts[0]
  if (part === undefined) return failed(failure("picture/damaged", "The DPX has no image element."))
  const descriptor = numberNamed(part, "descriptor") ?? 0
  const elements = dpxElements(header)
  const usual = elements.length === 3 ? SHOWN[50] : SHOWN[descriptor]
  if (usual === undefined) return unsupported(`DPX pictures of descriptor ${descriptor} are not shown.`)
  const chosen = chosenIn(header, { usual, choice: request.choice })
  if (!chosen.ok) return chosen
  const channels = chosen.value
  const problem = dpxReaderProblem(part)
  if (problem !== null) return unsupported(problem)
  const stored = storedIn(header, elements, request.fileSizeBytes)
  if (!stored.ok) return stored
  const isDepth = descriptor === DEPTH
  // Passes of data are read here whichever engine renders them.
  const foreign = request.ownReaders || isDepth ? null : foreignProblem(header, stored.value, channels)
  if (foreign !== null) return unsupported(`${foreign} The in-process engine shows it (--engine in-process).`)
  const { evidence, warnings } = stored.value
  const where = elements.length === 3 ? "image elements 0, 1 and 2" : "image element 0"
  const orientation = EXIF_ORIENTATION[numberNamed(part, "orientation") ?? 0] ?? 1
  const reason = [`Shows ${channelsText(channels)} of ${where}${chosenSays(request.choice)}.`, ...evidence].join(" ")
  const picture = { part, view: null, layer: null, channels, reason, orientation, warnings }
  if (!isDepth || request.choice.asColour) return done(picture)
  const said = isChoice(request.choice) ? warnings : [...warnings, insteadSays("depth")]
  return done({
    ...picture,
    reason: `${reason} ${DEPTH_SAYS}`,
    warnings: said,
    pass: { kind: "depth", channels: ["Z"] },
  })
}

/** Single channels are read of interleaved ones alone; planes and luminance with chroma are shown whole. */
function chosenIn(
  header: PictureHeader,
  { usual, choice }: { readonly usual: ShownPicture["channels"]; readonly choice: PictureChoice },
): Result<ShownPicture["channels"]> {
  const [part] = header.parts
  const isWhole = usual[2] === "Cr" || dpxElements(header).length === 3
  if (choice.part !== undefined && choice.part !== 0) return failed(elementMissing("image element", choice.part, ["0"]))
  const there = isWhole ? [...new Set(usual)] : (part?.channels ?? []).map(({ name }) => name)
  const chosen = plainChannels(choice, { what: "a DPX", there })
  if (!chosen.ok) return chosen
  if (isWhole && chosen.value !== null && chosen.value.join() !== usual.join())
    return unsupported("Single channels are not shown of DPX pictures of three elements, or of luminance and chroma.")
  return done(chosen.value ?? usual)
}

const unsupported = (says: string): Result<never> => failed(failure("picture/unsupported", says))

type StorageRemarks = { readonly evidence: readonly string[]; readonly warnings: readonly string[] }

/** What is remarkable about where the samples are and what their codes mean. */
function storedIn(
  header: PictureHeader,
  elements: readonly HeaderPart[],
  fileSizeBytes: number,
): Result<StorageRemarks> {
  const evidence: string[] = []
  const warnings: string[] = []
  for (const element of elements) {
    // The length of rows that are run-length encoded is not known before they are read.
    if (element.compression === "rle") continue
    const finding = dpxStorage(header, element, fileSizeBytes)
    if (finding.is === "cut") return failed(failure("picture/damaged", cutShort(fileSizeBytes, finding.end)))
    evidence.push(...finding.storage.evidence)
    warnings.push(...finding.storage.warnings)
  }
  const range = elements[0] === undefined ? null : legalRange(elements[0])
  if (range !== null) evidence.push(`Codes ${range.low} to ${range.high} are black to white.`)
  return done({ evidence: [...new Set(evidence)], warnings: [...new Set(warnings)] })
}

const cutShort = (sizeBytes: number, end: number): string =>
  `The DPX ends at byte ${sizeBytes}, its pixels at ${end}: it is truncated.`

/** What oiiotool shows wrongly, or refuses. */
function foreignProblem(
  header: PictureHeader,
  { evidence }: StorageRemarks,
  channels: readonly string[],
): string | null {
  const part = header.parts[0]
  if (part === undefined) return null
  const orientation = numberNamed(part, "orientation") ?? 0
  const isTurned = orientation >= 4 && orientation <= 7 && boxWidth(part.dataWindow) !== boxHeight(part.dataWindow)
  if (isTurned) return "oiiotool reads DPX pictures stored column by column scrambled."
  if (part.compression === "rle") return "oiiotool does not read run-length encoded DPX pictures."
  if ((numberNamed(part, "descriptor") ?? 0) >= 100) return "oiiotool misreads DPX pictures of luminance and chroma."
  if (dpxElements(header).length === 3) return "oiiotool does not read DPX pictures of three image elements."
  if (numberNamed(part, "dataSign") !== 0 && bitsOf(part) < 32)
    return "oiiotool misreads DPX samples where the header leaves open whether they are signed."
  if (losesLastSample(part, channels)) return "oiiotool loses the last sample of each row of this DPX."
  return evidence.length === 0 ? null : `oiiotool believes the header of this DPX. ${evidence.join(" ")}`
}

/** Three samples of 10 bits fill a word; one that is alone in the last word of its row comes out as 0. */
function losesLastSample(part: HeaderPart, channels: readonly string[]): boolean {
  const isAlone = (boxWidth(part.dataWindow) * part.channels.length) % 3 === 1
  const last = part.channels.at(-1)?.name ?? ""
  return bitsOf(part) === 10 && numberNamed(part, "packing") !== 0 && isAlone && channels.includes(last)
}
