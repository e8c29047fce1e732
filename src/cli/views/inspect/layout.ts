import { visible } from "../../../system/visible.ts"

/** Rows of one list that a person reads at a glance. */
const MOST_ROWS = 40
/** Widest cell of a table, columns. */
const WIDEST = 40

/** Text that fits `columns`; what is cut off is shown to be. */
export const clipped = (text: string, columns: number): string =>
  text.length > columns ? `${text.slice(0, Math.max(columns - 3, 1)).toWellFormed()}...` : text

/** A sentence in lines of at most `columns`, cut between words. */
export function wrapped(sentence: string, columns: number): readonly string[] {
  const lines: string[] = []
  let line = ""
  for (const word of sentence.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`
    if (line !== "" && longer.length > columns) lines.push(line)
    line = line !== "" && longer.length > columns ? word : longer
  }
  return [...lines, line]
}

/** The first rows, and how many more there are. */
export const listed = (rows: readonly string[]): readonly string[] =>
  rows.length <= MOST_ROWS ? rows : [...rows.slice(0, MOST_ROWS), `and ${rows.length - MOST_ROWS} more`]

/** Cells below each other, control characters spelled out; columns that are empty in every row are left out. */
export function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const cells = rows.map((row) => row.map((cell) => clipped(visible(cell), WIDEST)))
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => (row[column] ?? "").length)))
  const filled = widths.flatMap((width, column) => (width === 0 ? [] : [column]))
  return cells.map((row) =>
    filled
      .map((column) => (row[column] ?? "").padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  )
}

/** Digits that a 32-bit float has. */
const FLOAT_DIGITS = 7

/** A number as a person writes it: 0.7368420958518982 is a 32-bit 0.7368421. */
export const numberText = (number: number): string =>
  Number.isInteger(number) ? String(number) : String(Number(number.toPrecision(FLOAT_DIGITS)))
