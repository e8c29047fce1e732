// Chosen tiles as a list to take elsewhere.

import type { Sheet } from "./index.ts"
import { framesOf, isOf, keyOf, type Tile } from "./tiles.ts"

/** Path of a tile as other programs read it: a folder's own, or `s3://bucket/key`. */
export const pathOf = (tile: Tile, pathStart: string): string =>
  pathStart === "s3://" ? `s3://${tile.item.bucket}/${keyOf(tile)}` : `${pathStart}${keyOf(tile)}`

/** A path a line. */
export const pathsText = (tiles: readonly Tile[], { pathStart }: Pick<Sheet, "pathStart">): string =>
  tiles.map((tile) => `${pathOf(tile, pathStart)}\n`).join("")

const COLUMNS: readonly (readonly [title: string, of: (tile: Tile) => string | number])[] = [
  ["kind", ({ kind }) => kind],
  ["bucket", ({ item }) => item.bucket],
  ["key", keyOf],
  ["frames", framesOf],
  ["made", (tile) => (tile.kind === "shot" ? tile.item.made : "")],
  ["missing", (tile) => (tile.kind === "shot" ? tile.item.missing : "")],
  ["failed", (tile) => (tile.kind === "shot" ? tile.item.failed : "")],
  ["warnings", (tile) => (isOf(tile, "warned") ? "yes" : "")],
  [
    "code",
    (tile) => (tile.kind === "failed" ? tile.item.code : tile.kind === "shot" ? (tile.item.failureCode ?? "") : ""),
  ],
  ["timecode", (tile) => (tile.kind === "failed" ? "" : (tile.item.timecode ?? ""))],
]

/** CSV with a line of titles. A spreadsheet must not take a name for a formula: such a field begins with an apostrophe. */
export function csvText(tiles: readonly Tile[]): string {
  const lines = [COLUMNS.map(([title]) => title), ...tiles.map((tile) => COLUMNS.map(([, of]) => of(tile)))]
  return lines.map((fields) => `${fields.map(csvField).join(",")}\r\n`).join("")
}

function csvField(value: string | number): string {
  if (typeof value === "number") return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) && !/^-?\d[\d,-]*$/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
