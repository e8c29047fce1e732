// Which pictures stand for a movie: one for all of it, and a sheet on which each of its moments is to be seen.

export type Size = { readonly width: number; readonly height: number }

export type SheetPlan = Size & {
  readonly cell: Size
  readonly columns: number
  /** For each cell the picture that it shows; {@link BLACK} for none. */
  readonly pictures: Int32Array
  /** Frames of the movie, from the first to before the last, and the cell that stands for them. They follow each other. */
  readonly cues: readonly SheetCue[]
}

export type SheetCue = { readonly from: number; readonly to: number; readonly cell: number }

export const BLACK = -1

export type SheetLimits = {
  /** Longest side, pixels: JPEG has 65,535, and libjpeg takes 65,500. */
  readonly mostPx: number
  /** A player loads the whole sheet before it shows a cell, and nobody scrubs by less than a pixel. */
  readonly mostCells: number
}

export const SHEET_LIMITS: SheetLimits = { mostPx: 65_500, mostCells: 400 }

/** As Kitsu's tiles, 100 pixels high; what is wider than 2.4:1 is less high. */
const CELL: Size = { width: 240, height: 100 }

/** Cell for pictures of a size: never larger than they are. */
export function cellFor({ width, height }: Size): Size {
  const scale = Math.min(CELL.width / width, CELL.height / height, 1)
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/**
 * `shown` has the picture of each frame of the movie; those from `count` on stand for black. Of a movie with more frames
 * than cells every cell stands for as many frames, and shows the one in their middle. Frames that show one picture share
 * a cell. null where there is nothing to show.
 */
export function planSheet(
  shown: Int32Array,
  count: number,
  cell: Size,
  limits: SheetLimits = SHEET_LIMITS,
): SheetPlan | null {
  const [mostColumns, mostRows] = [Math.floor(limits.mostPx / cell.width), Math.floor(limits.mostPx / cell.height)]
  const most = Math.min(limits.mostCells, mostColumns * mostRows)
  if (shown.length === 0 || most < 1) return null
  const cellOf = new Map<number, number>()
  const cues: SheetCue[] = []
  const samples = Math.min(shown.length, most)
  for (let sample = 0; sample < samples; sample++) {
    const [from, to] = [startOf(sample, samples, shown.length), startOf(sample + 1, samples, shown.length)]
    const picture = shown[Math.floor((from + to) / 2)] ?? count
    const at = cellOf.get(Math.min(picture, count)) ?? cellOf.size
    cellOf.set(Math.min(picture, count), at)
    const before = cues.at(-1)
    if (before?.cell === at) cues[cues.length - 1] = { ...before, to }
    else cues.push({ from, to, cell: at })
  }
  const pictures = Int32Array.from(cellOf.keys(), (picture) => (picture === count ? BLACK : picture))
  const columns = columnsFor(pictures.length, cell, { mostColumns, mostRows })
  const rows = Math.ceil(pictures.length / columns)
  return { columns, cell, pictures, cues, width: columns * cell.width, height: rows * cell.height }
}

const startOf = (sample: number, samples: number, frames: number): number => Math.floor((sample * frames) / samples)

/** About as wide as high, in pixels, within the sheet's limits. */
function columnsFor(cells: number, { width, height }: Size, most: { mostColumns: number; mostRows: number }): number {
  const square = Math.ceil(Math.sqrt((cells * height) / width))
  return Math.min(cells, most.mostColumns, Math.max(square, Math.ceil(cells / most.mostRows)))
}

/** Upper left corner of a cell. */
export const cornerOf = ({ cell, columns }: SheetPlan, at: number): { readonly x: number; readonly y: number } => ({
  x: (at % columns) * cell.width,
  y: Math.floor(at / columns) * cell.height,
})

/** Where in a cell a picture of any shape is shown whole, in the middle. */
export function placeIn(cell: Size, { width, height }: Size): Size & { readonly x: number; readonly y: number } {
  const scale = Math.min(cell.width / width, cell.height / height)
  const shown = {
    width: Math.max(1, Math.min(cell.width, Math.round(width * scale))),
    height: Math.max(1, Math.min(cell.height, Math.round(height * scale))),
  }
  return { ...shown, x: (cell.width - shown.width) >> 1, y: (cell.height - shown.height) >> 1 }
}

/** Which frame stands for a sequence; the frame of that number, or the nearest that is there. */
export type PosterChoice = "first" | "middle" | "last" | number

/** Index of the frame among those that are there, ascending; null where there is none. */
export function posterIndex(frames: Float64Array, choice: PosterChoice): number | null {
  if (frames.length === 0) return null
  if (choice === "first") return 0
  if (choice === "last") return frames.length - 1
  // As SpaceHarbor shows it: the middle of those that there are, not of the range.
  if (choice === "middle") return Math.floor(frames.length / 2)
  const after = frames.findIndex((frame) => frame >= choice)
  if (after <= 0) return after < 0 ? frames.length - 1 : 0
  return choice - (frames[after - 1] ?? 0) <= (frames[after] ?? 0) - choice ? after - 1 : after
}
