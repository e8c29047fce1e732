import type { Box, Colorspace, Rational } from "../../../events/records.generated.ts"
import type { ExaminedHeader } from "../../../picture/inspect/inspector.ts"
import { boxHeight, boxWidth, type HeaderPart, type PictureHeader } from "../../../picture/read/header/model.ts"
import { frameRate, statedTimecode } from "../../../picture/read/select/timing.ts"
import { jsonText, visible } from "../../../system/visible.ts"
import { counted, humanBytes } from "../human.ts"
import { attributeLines } from "./attributes.ts"
import { channelLines, partLines, pictureLines, picturesOf } from "./channels.ts"
import { wrapped } from "./layout.ts"
import { type DrawingCharacters, drawWindows, windowText } from "./windows.ts"

/** A header that was read, and the object that it stands in. */
export type InspectedHeader = ExaminedHeader & {
  /** As the user named it. */
  readonly name: string
  readonly sizeBytes: number
  readonly bytesRead: number
}

/** How wide the text is and what its drawings are made of; sentences are broken only on a screen. */
export type TextLayout = {
  readonly columns: number
  readonly isScreen: boolean
  readonly characters: DrawingCharacters
}

const WIDEST_DRAWING = 64
const INDENT = "  "

/** A header as text that a person reads at a glance. */
export function headerText(inspected: InspectedHeader, { columns, isScreen, characters }: TextLayout): string {
  const { header, told } = inspected
  const room = columns - INDENT.length
  const sentence = (text: string): readonly string[] => (isScreen ? wrapped(text, room - INDENT.length) : [text])
  const blocks = [
    title(inspected),
    windows(inspected, Math.min(room, WIDEST_DRAWING), characters),
    block("parts", partLines(header, room)),
    block("channels", channelLines(header, room)),
    block("pictures", pictureLines(inspected)),
    block("attributes", attributeLines(told, room)),
    picture(inspected, sentence),
    block(
      "remarks",
      remarksOf(inspected).flatMap((remark) =>
        sentence(remark).map((line, at) => `${at === 0 ? "- " : INDENT}${line}`),
      ),
    ),
  ]
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map(visible).join("\n"))
    .join("\n\n")}\n`
}

const block = (heading: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [heading, ...lines.map((line) => `${INDENT}${line}`)]

function title({ name, told, sizeBytes, header }: InspectedHeader): readonly string[] {
  const frame = told.frameNumber === null ? [] : [`frame ${told.frameNumber}`]
  const format = told.format.toUpperCase()
  const facts = [format, humanBytes(sizeBytes), counted(header.parts.length, "part"), ...frame]
  return [name, `${INDENT}${facts.join(", ")}; header ${humanBytes(told.headerBytes)}`]
}

/** The part whose picture is shown; of a file that cannot be shown the first. */
export function shownPart({ header, reading }: Pick<InspectedHeader, "header" | "reading">): HeaderPart {
  const index = reading.ok ? reading.value.selection.part : 0
  return (header.parts[index] ?? header.parts[0]) as HeaderPart
}

function windows(inspected: InspectedHeader, columns: number, characters: DrawingCharacters): readonly string[] {
  const shown = shownPart(inspected)
  const { displayWindow: display, dataWindow: data, pixelAspect } = shown
  const others = inspected.header.parts.filter(
    (part) => !isSame(part.dataWindow, data) || !isSame(part.displayWindow, display),
  )
  const ofPart =
    others.length === 0 ? "" : ` (part ${shown.index}; ${counted(others.length, "part")} with other windows)`
  if (isSame(display, data)) return [`window          ${windowText(display)}, display and data alike${ofPart}`]
  return [
    `display window  ${windowText(display)}${ofPart}`,
    `data window     ${windowText(data)}  ${characters.fill.repeat(3)}`,
    ...drawWindows({ display, data, pixelAspect }, columns, characters).map((line) => `${INDENT}${line}`),
  ]
}

const isSame = (a: Box, b: Box): boolean =>
  a.xMin === b.xMin && a.yMin === b.yMin && a.xMax === b.xMax && a.yMax === b.yMax

/** Time, colour, and what would be rendered; of a header that cannot be shown why not. */
function picture(inspected: InspectedHeader, sentence: (text: string) => readonly string[]): readonly string[] {
  const { reading } = inspected
  const time = timeLines(inspected)
  const indented = (text: string): readonly string[] => sentence(visible(text)).map((line) => `${INDENT}${line}`)
  if (!reading.ok) {
    const { code, says } = reading.failure
    return [...time, `rendering       will fail: ${code}`, ...indented(says)]
  }
  const { selection, colorspace } = reading.value
  return [
    ...time,
    `colour          ${colorspace.name} (${colorspace.encoding}), by ${colorspace.rule}`,
    ...indented(colorspace.evidence),
    `rendering       part ${selection.part}, ${[...new Set(selection.channels)].join(" ")}`,
    ...indented(selection.reason),
  ]
}

function timeLines({ header, reading }: InspectedHeader): readonly string[] {
  const sources = [shownPart({ header, reading }), header.parts[0]]
  const rate = frameRate(header.format, sources)
  const { timecode } = statedTimecode(header.format, sources, rate)
  return [
    `frame rate      ${rate === null ? "not stated" : rateText(rate)}`,
    `timecode        ${timecode ?? "not stated"}`,
  ]
}

/** 24000/1001 is `23.976 (24000/1001)`. */
const rateText = ({ num, den }: Rational): string =>
  den === 1 ? `${num}` : `${(num / den).toFixed(3).replace(/0+$/, "")} (${num}/${den})`

/** What is remarkable about a header, a sentence each. */
export function remarksOf(inspected: Pick<InspectedHeader, "header" | "reading">): readonly string[] {
  const { header, reading } = inspected
  const read = reading.ok ? [...reading.value.warnings, ...colourRemark(reading.value.colorspace)] : header.warnings
  return [...read, ...remarks(header, shownPart(inspected))]
}

/**
 * One JSON object with the field names of the events: what SourceInspected holds of the header, and what
 * ColorspaceDetected would say; `pictures` are all that can be chosen, each with its choice; `rendering` is the failure where nothing can be shown.
 */
export function inspectionJson(inspected: InspectedHeader): string {
  const { name, sizeBytes, bytesRead, told, reading } = inspected
  const shown = reading.ok
    ? { selection: reading.value.selection, colorspace: ownColour(reading.value.colorspace), failure: null }
    : { selection: null, colorspace: null, failure: reading.failure }
  return `${jsonText({ name, sizeBytes, bytesRead, ...told, ...shown, pictures: picturesOf(inspected), warnings: remarksOf(inspected) })}\n`
}

/** The hash is left out because no OCIO config was opened. */
const ownColour = <T extends { readonly configHash: string }>({ configHash: _, ...colour }: T): Omit<T, "configHash"> =>
  colour

/** Compressions that need no remark: every reader in use knows them. */
const COMMON: ReadonlySet<string> = new Set(["none", "rle", "zips", "zip", "piz", "dwaa", "dwab", "lzw", "packbits"])

const LOSSY: ReadonlySet<string> = new Set(["pxr24", "b44", "b44a", "jpeg", "ojpeg"])

/** What is unusual about a header besides what reading it already warned of, and about the part that is shown; a sentence each. */
export const remarks = ({ parts }: PictureHeader, shown: HeaderPart): readonly string[] => [
  ...windowRemark(shown),
  ...aspectRemark(shown),
  ...new Set(parts.flatMap(compressionRemark)),
]

/** A remark about chromaticities that match no named space. */
export const colourRemark = ({ rule, matrix }: Colorspace): readonly string[] =>
  rule === "chromaticities" && matrix.length > 0 ? ["The chromaticities are odd: they are of no named space."] : []

function windowRemark({ dataWindow: data, displayWindow: display }: HeaderPart): readonly string[] {
  const beyond = [
    [display.xMin - data.xMin, "left"],
    [data.xMax - display.xMax, "right"],
    [display.yMin - data.yMin, "top"],
    [data.yMax - display.yMax, "bottom"],
  ] as const
  const told = beyond.filter(([pixels]) => pixels > 0).map(([pixels, side]) => `${pixels} px ${side}`)
  if (told.length > 0) return [`Data reaches beyond the display window (${told.join(", ")}): that is not shown.`]
  const share = (boxWidth(data) * boxHeight(data)) / (boxWidth(display) * boxHeight(display))
  return share < 1 ? [`Data covers ${percent(share)} of the display window; the rest is black.`] : []
}

const percent = (share: number): string => (share < 0.01 ? "less than 1%" : `${Math.floor(share * 100)}%`)

function compressionRemark({ compression }: HeaderPart): readonly string[] {
  if (COMMON.has(compression)) return []
  const loses = LOSSY.has(compression) ? " and loses precision" : ""
  return [`The compression ${compression} is uncommon${loses}.`]
}

const aspectRemark = ({ pixelAspect }: HeaderPart): readonly string[] =>
  pixelAspect === 1 ? [] : [`Pixels are not square: the pixel aspect ratio is ${pixelAspect}.`]
