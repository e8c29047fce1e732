/** Choosing which part, view, layer and channels of a file are its picture. */

import type { Selection } from "../../../events/records.generated.ts"
import { done, failed, failure, type Result } from "../../../events/result.ts"
import type { DataPass, PictureChoice } from "../../model.ts"
import { type HeaderLimits, partProblem } from "../header/limits.ts"
import { type HeaderPart, numberNamed, type PictureHeader } from "../header/model.ts"
import { channelsText, grey, isData, type ShownPicture } from "./candidates.ts"
import { chosenSays, elementMissing, NO_CHOICE, plainChannels } from "./choice.ts"
import { shownInDpx } from "./dpx.ts"
import { shownInExr } from "./exr.ts"
import { shownInTiff } from "./tiff.ts"
import { frameRate, statedTimecode } from "./timing.ts"

type SelectedPicture = {
  readonly selection: Selection
  /** The header of the shown part, for the colour decision. */
  readonly part: HeaderPart
  readonly warnings: readonly string[]
  /** Absent for pictures. */
  readonly pass?: DataPass
}

type SelectionRequest = {
  readonly fileSizeBytes: number
  readonly limits: HeaderLimits
  /** Whether readers of our own read what oiiotool reads wrongly, or not at all; it is refused otherwise. */
  readonly ownReaders?: boolean
  /** What somebody asked for; absent where the header alone decides. */
  readonly choice?: PictureChoice
}

/**
 * Which picture of a file is shown, and how it is placed in space and time.
 * Fails: picture/no-displayable-channels, picture/choice-missing, picture/unsupported, picture/over-limit, picture/damaged.
 */
export function selectPicture(header: PictureHeader, request: SelectionRequest): Result<SelectedPicture> {
  const chosen = shown(header, request)
  if (!chosen.ok) return chosen
  const { part, pass } = chosen.value
  const problem = partProblem(part, request.limits)
  if (problem !== null) return failed(problem)
  const sources = [part, header.parts[0]]
  const rate = frameRate(header.format, sources)
  const { timecode, warnings } = statedTimecode(header.format, sources, rate)
  const selection = { ...placement(header, chosen.value), frameRate: rate, timecode }
  const all = [...header.warnings, ...chosen.value.warnings, ...warnings, ...windowWarnings(part)]
  return { ok: true, value: { selection, part, warnings: all, ...(pass && { pass }) } }
}

function shown(
  header: PictureHeader,
  { fileSizeBytes, ownReaders = false, choice = NO_CHOICE }: SelectionRequest,
): Result<ShownPicture> {
  if (header.format === "exr") return shownInExr(header, { ownReaders, choice })
  if (header.format === "dpx") return shownInDpx(header, { fileSizeBytes, ownReaders, choice })
  return header.format === "tiff" ? shownInTiff(header, choice) : shownStill(header, choice)
}

function placement(
  header: PictureHeader,
  { part, ...shownPart }: ShownPicture,
): Omit<Selection, "frameRate" | "timecode"> {
  return {
    format: header.format,
    compression: part.compression,
    part: part.index,
    partName: part.name,
    view: shownPart.view,
    layer: shownPart.layer,
    channels: shownPart.pass === undefined ? shownPart.channels : channelsOf(shownPart.pass, shownPart.channels),
    reason: shownPart.reason,
    deep: part.deep,
    tiled: part.tiles !== null,
    displayWindow: part.displayWindow,
    dataWindow: part.dataWindow,
    pixelAspect: part.pixelAspect,
    orientation: shownPart.orientation,
  }
}

/** One channel is grey, as of pictures. */
const channelsOf = (pass: DataPass, shown: ShownPicture["channels"]): readonly string[] =>
  !isData(pass) || pass.channels.length === 1 ? shown : pass.channels

function windowWarnings({ dataWindow: data, displayWindow: display }: HeaderPart): readonly string[] {
  const apart =
    data.xMax < display.xMin || data.xMin > display.xMax || data.yMax < display.yMin || data.yMin > display.yMax
  return apart ? ["The data window lies outside the display window: the picture is black."] : []
}

/**
 * The one picture of a file that has no parts. The decoder makes R, G, B of palettes and inks.
 * Fails: picture/choice-missing.
 */
function shownStill({ parts: [part], format }: PictureHeader, choice: PictureChoice): Result<ShownPicture> {
  if (part === undefined) return failed(failure("picture/damaged", "The file has no picture."))
  if (choice.part !== undefined && choice.part !== 0) return failed(elementMissing("part", choice.part, ["0"]))
  const usual = part.channels[0]?.name === "Y" ? grey("Y") : (["R", "G", "B"] as const)
  const there = [...new Set(usual), ...part.channels.flatMap(({ name }) => (name === "A" ? [name] : []))]
  const channels = plainChannels(choice, { what: `a picture of ${format}`, there })
  if (!channels.ok) return channels
  const shown = channels.value ?? usual
  return done({
    part,
    view: null,
    layer: null,
    channels: shown,
    reason: `Shows ${channelsText(shown)} of the ${format} picture${chosenSays(choice)}.`,
    orientation: numberNamed(part, "Orientation") ?? 1,
    warnings: [],
  })
}
