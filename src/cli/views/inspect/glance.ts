import type { Box, Rational } from "../../../events/records.generated.ts"
import type { Examined } from "../../../picture/inspect/inspect.ts"
import type { HeaderPart } from "../../../picture/read/header/model.ts"
import { frameRate, statedTimecode } from "../../../picture/read/select/timing.ts"
import { visible } from "../../../system/visible.ts"
import { counted, humanBytes } from "../format/human.ts"
import { attributeLines } from "./attributes.ts"
import { channelLines, partLines } from "./parts.ts"
import { pictureLines } from "./pictures.ts"
import { colourRemark, remarks } from "./remarks.ts"
import { wrapped } from "./text.ts"
import { drawWindows, type Pen, windowText } from "./windows.ts"

/** A header that was read, and the object that it stands in. */
export type Glanced = Examined & {
  /** As the user named it. */
  readonly name: string
  readonly sizeBytes: number
  readonly bytesRead: number
}

/** What a glance is written on; sentences are broken only where somebody looks at them. */
export type Paper = { readonly columns: number; readonly isScreen: boolean; readonly pen: Pen }

const WIDEST_DRAWING = 64
const INDENT = "  "

/** A header at a glance. */
export function glance(glanced: Glanced, { columns, isScreen, pen }: Paper): string {
  const { header, told } = glanced
  const room = columns - INDENT.length
  const sentence = (text: string): readonly string[] => (isScreen ? wrapped(text, room - INDENT.length) : [text])
  const blocks = [
    title(glanced),
    windows(glanced, Math.min(room, WIDEST_DRAWING), pen),
    block("parts", partLines(header, room)),
    block("channels", channelLines(header, room)),
    block("pictures", pictureLines(glanced)),
    block("attributes", attributeLines(told, room)),
    picture(glanced, sentence),
    block(
      "remarks",
      remarksOf(glanced).flatMap((remark) => sentence(remark).map((line, at) => `${at === 0 ? "- " : INDENT}${line}`)),
    ),
  ]
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map(visible).join("\n"))
    .join("\n\n")}\n`
}

const block = (heading: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [heading, ...lines.map((line) => `${INDENT}${line}`)]

function title({ name, told, sizeBytes, header }: Glanced): readonly string[] {
  const frame = told.frameNumber === null ? [] : [`frame ${told.frameNumber}`]
  const format = told.format.toUpperCase()
  const facts = [format, humanBytes(sizeBytes), counted(header.parts.length, "part"), ...frame]
  return [name, `${INDENT}${facts.join(", ")}; header ${humanBytes(told.headerBytes)}`]
}

/** The part whose picture is shown; of a file that cannot be shown the first. */
export function shownPart({ header, reading }: Pick<Glanced, "header" | "reading">): HeaderPart {
  const index = reading.ok ? reading.value.selection.part : 0
  return (header.parts[index] ?? header.parts[0]) as HeaderPart
}

function windows(glanced: Glanced, columns: number, pen: Pen): readonly string[] {
  const shown = shownPart(glanced)
  const { displayWindow: display, dataWindow: data, pixelAspect } = shown
  const others = glanced.header.parts.filter(
    (part) => !isSame(part.dataWindow, data) || !isSame(part.displayWindow, display),
  )
  const ofPart =
    others.length === 0 ? "" : ` (part ${shown.index}; ${counted(others.length, "part")} with other windows)`
  if (isSame(display, data)) return [`window          ${windowText(display)}, display and data alike${ofPart}`]
  return [
    `display window  ${windowText(display)}${ofPart}`,
    `data window     ${windowText(data)}  ${pen.fill.repeat(3)}`,
    ...drawWindows({ display, data, pixelAspect }, columns, pen).map((line) => `${INDENT}${line}`),
  ]
}

const isSame = (a: Box, b: Box): boolean =>
  a.xMin === b.xMin && a.yMin === b.yMin && a.xMax === b.xMax && a.yMax === b.yMax

/** Time, colour, and what would be rendered; of a header that cannot be shown why not. */
function picture(glanced: Glanced, sentence: (text: string) => readonly string[]): readonly string[] {
  const { reading } = glanced
  const time = timeLines(glanced)
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

function timeLines({ header, reading }: Glanced): readonly string[] {
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
export function remarksOf(glanced: Pick<Glanced, "header" | "reading">): readonly string[] {
  const { header, reading } = glanced
  const read = reading.ok ? [...reading.value.warnings, ...colourRemark(reading.value.colorspace)] : header.warnings
  return [...read, ...remarks(header, shownPart(glanced))]
}
