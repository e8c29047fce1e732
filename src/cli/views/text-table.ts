// Tables for reading. On a terminal they fit its width; in a pipe or a file they are whole.

import stringWidth from "string-width"
import { visible } from "../../system/visible.ts"
import { columnsOf, type Writer } from "../terminal/io.ts"

/** A column of the table for reading; json and csv give the row's own fields. */
export type Column<R> = {
  readonly title: string
  readonly of: (row: R) => string
  readonly alignRight?: boolean
  /** What becomes of text that is too wide: names lose their middle, sentences go on in the next line, numbers stay as they are. */
  readonly tooWide?: "shorten" | "wrap"
}

/** Columns that a table may take: those of a terminal, null where nothing is too wide. */
export const tableWidth = ({ stdout }: { readonly stdout: Writer }): number | null =>
  stdout.isTTY === true ? columnsOf(stdout) : null

const GAP = "  "

/** A name is shortened to no less, unless the whole of it is less. */
const LEAST_NAME = 10

/** A sentence in fewer columns is hard to read. */
const LEAST_SENTENCE = 24

/** What a terminal shows one column wide each. */
const PLAIN = /^[\x20-\x7e]*$/

/** Columns of a terminal; only texts beyond ASCII need a closer look, which takes many times as long. */
export const widthOf = (text: string): number => (PLAIN.test(text) ? text.length : stringWidth(text))

let segments: Intl.Segmenter | null = null

/** What a reader takes for one character. The rules take 8 ms to load, and hardly any name needs them. */
function charactersOf(text: string): readonly string[] {
  if (PLAIN.test(text)) return [...text]
  segments ??= new Intl.Segmenter(undefined, { granularity: "grapheme" })
  return [...segments.segment(text)].map(({ segment }) => segment)
}

/** As many whole characters as fit, counted from the front. */
function fitting(characters: readonly string[], width: number): readonly string[] {
  let left = width
  const end = characters.findIndex((character) => {
    left -= widthOf(character)
    return left < 0
  })
  return end === -1 ? characters : characters.slice(0, end)
}

/** A text without its middle, no wider than `width` columns: both ends of a name tell more than its middle. */
export function shortened(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  const characters = charactersOf(text)
  const front = fitting(characters, Math.floor((width - 1) / 2)).join("")
  const behind = fitting(characters.toReversed(), width - 1 - widthOf(front))
  return `${front}…${behind.toReversed().join("")}`
}

/** A text in lines of `width` columns, broken between words; a word that is wider is cut. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ""
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`
    if (widthOf(longer) <= width) {
      line = longer
      continue
    }
    if (line !== "") lines.push(line)
    line = word
    while (widthOf(line) > width) {
      const characters = charactersOf(line)
      const front = fitting(characters, width)
      lines.push(front.join(""))
      line = characters.slice(front.length).join("")
    }
  }
  return [...lines, line]
}

/** More than any name is wide. */
const SENTENCES_FIRST = 1e9

/** Widths of columns that fit together, as far as they can: the widest gives way first. */
function fittedWidths<R>(columns: readonly Column<R>[], natural: readonly number[], width: number): readonly number[] {
  const least = columns.map(({ title, alignRight, tooWide }, at) => {
    const whole = natural[at] ?? 0
    if (alignRight === true) return whole
    const floor = tooWide === "wrap" ? LEAST_SENTENCE : LEAST_NAME
    return Math.min(whole, Math.max(floor, widthOf(title)))
  })
  const widths = [...natural]
  let over = widths.reduce((sum, one) => sum + one, GAP.length * (columns.length - 1)) - width
  for (; over > 0; over--) {
    const widest = widths.reduce((most, one, at) => (spare(one, at) > spare(widths[most] ?? 0, most) ? at : most), 0)
    if (spare(widths[widest] ?? 0, widest) === 0) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths

  function spare(one: number, at: number): number {
    if (one <= (least[at] ?? 0)) return 0
    // Sentences can go on in the next line and lose nothing, so they give way before names do.
    return columns[at]?.tooWide === "wrap" ? SENTENCES_FIRST + one : one
  }
}

/**
 * A table for reading: a title line and a line per row; hostile names are spelled out. With a width it fits, unless that is
 * too narrow for it.
 */
export function tableText<R>(rows: readonly R[], columns: readonly Column<R>[], width: number | null = null): string {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ of }) => visible(of(row))))]
  const natural = columns.map((_, at) => lines.reduce((most, cells) => Math.max(most, widthOf(cells[at] ?? "")), 0))
  const widths = width === null ? natural : fittedWidths(columns, natural, width)
  return lines.flatMap((cells) => lineTexts(cells, columns, widths)).join("")
}

/** One line, or several where sentences go on. */
function lineTexts<R>(
  cells: readonly string[],
  columns: readonly Column<R>[],
  widths: readonly number[],
): readonly string[] {
  const parts = cells.map((cell, at) => {
    const room = widths[at] ?? 0
    if (columns[at]?.tooWide !== "wrap") return [shortened(cell, room)]
    return wrapped(cell, room)
  })
  const padded = (text: string, at: number): string => {
    const padding = " ".repeat(Math.max(0, (widths[at] ?? 0) - widthOf(text)))
    return columns[at]?.alignRight === true ? padding + text : text + padding
  }
  const height = Math.max(...parts.map(({ length }) => length))
  return Array.from(
    { length: height },
    (_, line) =>
      `${parts
        .map((part, at) => padded(part[line] ?? "", at))
        .join(GAP)
        .trimEnd()}\n`,
  )
}
