// Where tiles are on a page that draws only those that are seen.

import type { Group, Tile } from "./tiles.ts"

export type Sizes = {
  /** Of the grid, pixels. */
  readonly width: number
  /** About as wide as a tile is to be. */
  readonly tileWidth: number
  readonly gap: number
  /** Below the picture of a tile. */
  readonly captionHeight: number
  readonly headingHeight: number
  /** Columns in which no more tiles are drawn than a page shall have elements for; absent where all that fit are. */
  readonly mostColumns?: number
}

/** A heading, or a row of tiles. `top` counts from the top of the grid. */
export type Row =
  | { readonly kind: "heading"; readonly top: number; readonly height: number; readonly group: Group }
  | {
      readonly kind: "tiles"
      readonly top: number
      readonly height: number
      /** null for one that is not loaded yet. */
      readonly tiles: readonly (Tile | null)[]
      /** Index of the first one among all tiles. */
      readonly first: number
    }

/** How tiles lie in columns. */
export type Columns = {
  readonly columns: number
  /** Of a tile as it fits. */
  readonly tileWidth: number
  readonly pictureHeight: number
}

export type Layout = Columns & {
  readonly height: number
  /** How many tiles there are. */
  readonly count: number
  /** The rows that reach into a part of the grid. */
  readonly within: (from: number, to: number) => readonly Row[]
  /** Where the tile of an index lies. */
  readonly rowOf: (index: number) => { readonly top: number; readonly height: number }
}

/** On the widest of screens no more is drawn than a browser scrolls smoothly. */
const MOST_COLUMNS = 16

/** Tiles are 16:9. */
export function columnsOf({ width, tileWidth: wanted, gap, mostColumns = MOST_COLUMNS }: Sizes): Columns {
  const columns = Math.max(1, Math.min(MOST_COLUMNS, mostColumns, Math.floor((width + gap) / (wanted + gap))))
  const tileWidth = Math.max(1, Math.floor((width - gap * (columns - 1)) / columns))
  return { columns, tileWidth, pictureHeight: Math.round((tileWidth * 9) / 16) }
}

/** Rows of all groups, each below the one before. */
export function layOut(groups: readonly Group[], sizes: Sizes): Layout {
  const { gap, captionHeight, headingHeight } = sizes
  const fitting = columnsOf(sizes)
  const rowHeight = fitting.pictureHeight + captionHeight
  const rows: Row[] = []
  let [top, first] = [0, 0]
  for (const group of groups) {
    if (group.title !== "" || groups.length > 1) {
      rows.push({ kind: "heading", top, height: headingHeight, group })
      top += headingHeight
    }
    for (let at = 0; at < group.tiles.length; at += fitting.columns) {
      const tiles = group.tiles.slice(at, at + fitting.columns)
      rows.push({ kind: "tiles", top, height: rowHeight, tiles, first: first + at })
      top += rowHeight + gap
    }
    first += group.tiles.length
  }
  const rowOf = (index: number) =>
    rows.findLast((row) => row.kind === "tiles" && row.first <= index) ?? { top: 0, height: rowHeight }
  return { ...fitting, height: top, count: first, within: (from, to) => rowsWithin(rows, from, to), rowOf }
}

function rowsWithin(rows: readonly Row[], from: number, to: number): readonly Row[] {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const { top = 0, height = 0 } = rows[middle] ?? {}
    if (top + height < from) low = middle + 1
    else high = middle
  }
  const end = rows.findIndex((row, at) => at >= low && row.top > to)
  return rows.slice(low, end < 0 ? rows.length : end)
}

/** Rows of so many tiles that none of them is kept but what is asked for: each row is as high as all others. */
export function layOutMany(count: number, tileAt: (index: number) => Tile | null, sizes: Sizes): Layout {
  const fitting = columnsOf(sizes)
  const { columns, pictureHeight } = fitting
  const height = pictureHeight + sizes.captionHeight + sizes.headingHeight
  const pitch = height + sizes.gap
  const rows = Math.ceil(count / columns)
  const rowAt = (row: number): Row => {
    const first = row * columns
    const length = Math.min(columns, count - first)
    const tiles = Array.from({ length }, (_, at) => tileAt(first + at))
    return { kind: "tiles", top: row * pitch, height, tiles, first }
  }
  const within = (from: number, to: number): readonly Row[] => {
    const begin = Math.max(0, Math.floor((from + sizes.gap) / pitch))
    const end = Math.min(rows, Math.floor(to / pitch) + 1)
    return Array.from({ length: Math.max(0, end - begin) }, (_, at) => rowAt(begin + at))
  }
  const rowOf = (index: number) => ({ top: Math.floor(index / columns) * pitch, height })
  return { ...fitting, height: rows * pitch, count, within, rowOf }
}

/** Side of a square thumbnail whose picture, of that aspect and in its middle, fills a tile as far as it fits. */
export function thumbnailSide(aspect: number, width: number, height: number): number {
  return Math.min(width / Math.min(1, aspect), height / Math.min(1, 1 / aspect))
}
