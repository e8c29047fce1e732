// What is written over the pictures of a review copy, in the language that libass draws: ASS, an event for each frame.

/** Where texts stand, in the order of their rows. */
export const POSITIONS = ["topLeft", "topCenter", "topRight", "bottomLeft", "bottomCenter", "bottomRight"] as const

export type Position = (typeof POSITIONS)[number]

/** The texts of one frame. */
export type BurnIn = {
  readonly texts: Readonly<Record<Position, string>>
  /** What is said of a frame that stands in the place of another; null where it is itself. */
  readonly mark: string | null
}

/** What stands on a slate, line by line. */
export type Slate = { readonly title: string; readonly lines: readonly (readonly [label: string, value: string])[] }

export type Size = { readonly width: number; readonly height: number }

/** Frames follow each other at this pace where texts are drawn, whatever the rate of the movie: no time is rounded. */
export const FRAMES_PER_SECOND = 10

/** The subtitles of frames that follow one another from 0 on. */
export function burnInSubtitles(size: Size, frames: readonly BurnIn[]): string {
  const room = Math.floor((size.width / 3 - marginOf(size)) / (fontSizeOf(size) * NARROW))
  const events = frames.flatMap(({ texts, mark }, at) => [
    ...(mark === null
      ? []
      : [event(at, "Mark", cross(size)), event(at, "Mark", `{${markPlace(size)}}${escaped(mark)}`)]),
    ...POSITIONS.filter((position) => texts[position] !== "").map((position) =>
      event(at, "Text", `{\\an${ALIGNED[position]}}${escaped(shortened(texts[position], room))}`),
    ),
  ])
  return document(size, events)
}

/** The subtitles of a slate, which lasts one frame. */
export function slateSubtitles(size: Size, { title, lines }: Slate): string {
  const fontSize = fontSizeOf(size)
  const [labelsEnd, valuesStart] = [Math.round(size.width * 0.28), Math.round(size.width * 0.3)]
  const room = Math.floor((size.width * 0.68) / (fontSize * NARROW))
  const top = Math.round(size.height * 0.25)
  const rows = lines.flatMap(([label, value], row) => {
    const y = Math.round(top + row * fontSize * 1.35)
    return [
      event(0, "Text", `{\\an9\\pos(${labelsEnd},${y})\\1c&HA0A0A0&}${escaped(label)}`),
      event(0, "Text", `{\\an7\\pos(${valuesStart},${y})}${escaped(shortened(value, room))}`),
    ]
  })
  const place = `\\an7\\pos(${valuesStart},${Math.round(size.height * 0.11)})\\fs${fontSize * 2}`
  return document(size, [event(0, "Text", `{${place}}${escaped(shortened(title, Math.floor(room / 2)))}`), ...rows])
}

/** As the numeric keypad has them. */
const ALIGNED: Readonly<Record<Position, number>> = {
  ...{ topLeft: 7, topCenter: 8, topRight: 9 },
  ...{ bottomLeft: 1, bottomCenter: 2, bottomRight: 3 },
}

/** The font that is asked for; what it lacks comes from the others that there are. */
const FONT = "Noto Sans"
/** Width of a usual letter, in sizes of the font. */
const NARROW = 0.42

const fontSizeOf = ({ height }: Size): number => Math.max(8, Math.round(height / 28))
const marginOf = ({ width }: Size): number => Math.round(width / 64)

function document(size: Size, events: readonly string[]): string {
  const fontSize = fontSizeOf(size)
  const outline = Math.max(1, Math.round(size.height / 500))
  const style = (name: string, colour: string): string =>
    `Style: ${name},${FONT},${fontSize},${colour},${colour},&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,${outline},0,5,` +
    `${marginOf(size)},${marginOf(size)},${marginOf(size)},-1`
  return [
    "[Script Info]",
    "ScriptType: v4.00+",
    `PlayResX: ${size.width}`,
    `PlayResY: ${size.height}`,
    "WrapStyle: 2",
    "ScaledBorderAndShadow: yes",
    "YCbCr Matrix: None",
    "",
    "[V4+ Styles]",
    "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, " +
      "StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding",
    style("Text", "&H00FFFFFF"),
    style("Mark", "&H004040FF"),
    "",
    "[Events]",
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text",
    ...events,
    "",
  ].join("\n")
}

const event = (frame: number, style: string, text: string): string =>
  `Dialogue: 0,${timeOf(frame)},${timeOf(frame + 1)},${style},,0,0,0,,${text}`

/** h:mm:ss.cc */
function timeOf(frame: number): string {
  const seconds = Math.floor(frame / FRAMES_PER_SECOND)
  const two = (number: number): string => String(number).padStart(2, "0")
  const hundredths = (frame % FRAMES_PER_SECOND) * (100 / FRAMES_PER_SECOND)
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${two(hundredths)}`
}

/** Below the middle, where the diagonals do not meet. */
const markPlace = (size: Size): string =>
  `\\an8\\pos(${Math.round(size.width / 2)},${Math.round(size.height * 0.6)})\\fs${Math.round(fontSizeOf(size) * 1.5)}`

/** Both diagonals, as thin as the outlines of letters. */
function cross({ width, height }: Size): string {
  const thick = Math.max(2, Math.round(height / 400))
  const falling = `m 0 0 l ${thick} 0 l ${width} ${height - thick} l ${width} ${height} l ${width - thick} ${height} l 0 ${thick}`
  const rising = `m ${width} 0 l ${width - thick} 0 l 0 ${height - thick} l 0 ${height} l ${thick} ${height} l ${width} ${thick}`
  return `{\\an7\\pos(0,0)\\bord0\\p1}${falling} ${rising}`
}

/**
 * Text that stands as it is: nothing in it is a command. A backslash begins one unless a character follows that is none,
 * such as one that joins words and is not seen; braces are written behind backslashes.
 */
export const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ")
    .replaceAll("\\", "\\\u2060")
    .replace(/[{}]/g, "\\$&")

/** The first and the last of a text that is wider than `room` usual letters; an ideograph is as wide as two. */
export function shortened(text: string, room: number): string {
  const letters = [...text]
  if (widthOf(letters) <= room) return text
  const [start, end]: [string[], string[]] = [[], []]
  for (let left = room - 1; letters.length > 0; ) {
    const isStart = start.length <= end.length
    const next = (isStart ? letters.shift() : letters.pop()) ?? ""
    left -= widthOf([next])
    if (left < 0) break
    if (isStart) start.push(next)
    else end.unshift(next)
  }
  return `${start.join("")}…${end.join("")}`
}

const WIDE_FROM = 0x1100

const widthOf = (letters: readonly string[]): number =>
  letters.reduce((sum, letter) => sum + ((letter.codePointAt(0) ?? 0) < WIDE_FROM ? 1 : 2), 0)
