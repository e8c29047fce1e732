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
}

/** A heading, or a row of tiles. `top` counts from the top of the grid. */
export type Row =
  | { readonly kind: "heading"; readonly top: number; readonly height: number; readonly group: Group }
  | {
      readonly kind: "tiles"
      readonly top: number
      readonly height: number
      readonly tiles: readonly Tile[]
      readonly first: number
    }

export type Layout = {
  readonly rows: readonly Row[]
  readonly height: number
  readonly columns: number
  /** Of a tile as it fits. */
  readonly tileWidth: number
  readonly pictureHeight: number
}

/** On the widest of screens no more is drawn than a browser scrolls smoothly. */
const MOST_COLUMNS = 16

/** Rows of all groups, each below the one before. Tiles are 16:9. */
export function layOut(groups: readonly Group[], sizes: Sizes): Layout {
  const { width, gap, captionHeight, headingHeight } = sizes
  const columns = Math.max(1, Math.min(MOST_COLUMNS, Math.floor((width + gap) / (sizes.tileWidth + gap))))
  const tileWidth = Math.max(1, Math.floor((width - gap * (columns - 1)) / columns))
  const pictureHeight = Math.round((tileWidth * 9) / 16)
  const rowHeight = pictureHeight + captionHeight
  const rows: Row[] = []
  let [top, first] = [0, 0]
  for (const group of groups) {
    if (group.title !== "" || groups.length > 1) {
      rows.push({ kind: "heading", top, height: headingHeight, group })
      top += headingHeight
    }
    for (let at = 0; at < group.tiles.length; at += columns) {
      const tiles = group.tiles.slice(at, at + columns)
      rows.push({ kind: "tiles", top, height: rowHeight, tiles, first: first + at })
      top += rowHeight + gap
    }
    first += group.tiles.length
  }
  return { rows, height: top, columns, tileWidth, pictureHeight }
}

/** The rows that reach into a part of the page. */
export function rowsWithin({ rows }: Pick<Layout, "rows">, from: number, to: number): readonly Row[] {
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

/** Side of a square thumbnail whose picture, of that aspect and in its middle, fills a tile as far as it fits. */
export function thumbnailSide(aspect: number, width: number, height: number): number {
  return Math.min(width / Math.min(1, aspect), height / Math.min(1, 1 / aspect))
}
