// What is shown as a tile, and which tiles are chosen, in which order and groups.

import { runsOf } from "../sequence/bar-cells.ts"
import type { Failed, Frame, Sheet, Shot } from "./index.ts"

type Of<Kind extends string, Item> = { readonly kind: Kind; readonly id: string; readonly item: Item }

/** A shot, a single frame, or a source that failed and belongs to no shot. */
export type Tile = Of<"shot", Shot> | Of<"frame", Frame> | Of<"failed", Failed>

/** Tiles of a sheet: shots, and what belongs to none. */
export const tilesOf = ({ shots, frames, failures }: Pick<Sheet, "shots" | "frames" | "failures">): readonly Tile[] => [
  ...shots.map((item, at) => ({ kind: "shot", id: `s${at}`, item }) as const),
  ...frames.flatMap((item, at) => (item.shot === null ? [{ kind: "frame", id: `f${at}`, item } as const] : [])),
  ...failures.flatMap((item, at) => (item.shot === null ? [{ kind: "failed", id: `x${at}`, item } as const] : [])),
]

/** `sh010/beauty.#.exr`. */
export const keyOf = ({ item: { folder, name } }: Tile): string => `${folder}${name}`

export type State = "all" | "shots" | "singles" | "gaps" | "failed" | "warned"

/** Which tiles are of a state. */
export function isOf(tile: Tile, state: State): boolean {
  if (state === "all") return true
  if (state === "shots") return tile.kind === "shot"
  if (state === "singles") return tile.kind !== "shot"
  if (state === "gaps") return tile.kind === "shot" && (tile.item.missing !== "" || tile.item.failed !== "")
  if (state === "failed") return hasFailed(tile)
  return isWarned(tile)
}

const hasFailed = (tile: Tile): boolean =>
  tile.kind === "failed" || (tile.kind === "shot" && (tile.item.failed !== "" || tile.item.failureCode !== null))

function isWarned(tile: Tile): boolean {
  if (tile.kind === "shot") return tile.item.findings.length > 0 || tile.item.firstExpected !== null
  return tile.kind === "frame" && (tile.item.warnings.length > 0 || tile.item.allBlack)
}

/** How many tiles are of each state, without those that none is of. */
export const statesOf = (tiles: readonly Tile[]): readonly { readonly state: State; readonly count: number }[] =>
  (["all", "shots", "singles", "gaps", "failed", "warned"] as const)
    .map((state) => ({ state, count: tiles.filter((tile) => isOf(tile, state)).length }))
    .filter(
      ({ state, count }) => state === "all" || (count > 0 && count < tiles.length) || (state === "failed" && count > 0),
    )

/** Text that a tile is found by, lower-case. */
function textOf(tile: Tile): string {
  const { item } = tile
  const of = {
    shot: (shot: Shot) => [shot.failureCode, ...shot.findings.map(([title]) => title), shot.resolution],
    frame: (frame: Frame) => [frame.colourSpace, frame.format, frame.compression, frame.look, ...frame.warnings],
    failed: (failed: Failed) => [failed.code, failed.stage, failed.says],
  }
  const further =
    tile.kind === "shot" ? of.shot(tile.item) : tile.kind === "frame" ? of.frame(tile.item) : of.failed(tile.item)
  return [item.bucket, keyOf(tile), ...further].join("\n").toLowerCase()
}

const texts = new WeakMap<Tile, string>()

/** Whether a tile has each of the words, wherever; a word behind `-` it must not have. */
export function matches(tile: Tile, words: readonly string[]): boolean {
  if (words.length === 0) return true
  const text = texts.get(tile) ?? textOf(tile)
  texts.set(tile, text)
  return words.every((word) =>
    word.length > 1 && word.startsWith("-") ? !text.includes(word.slice(1)) : text.includes(word),
  )
}

export const wordsOf = (query: string): readonly string[] =>
  query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "")

export type Order = "name" | "newest" | "frames" | "worst"

/** Orders tiles; what is equal stays by name. */
const ORDERS: Readonly<Record<Order, (tile: Tile) => number>> = {
  name: () => 0,
  newest: (tile) => -timeOf(tile),
  frames: (tile) => -framesOf(tile),
  worst: (tile) =>
    -[isOf(tile, "warned"), isOf(tile, "gaps"), isOf(tile, "failed")].reduce(
      (sum, is, at) => sum + (is ? 2 ** at : 0),
      0,
    ),
}

export function timeOf(tile: Tile): number {
  if (tile.kind === "shot") return tile.item.changedAtMs
  return tile.kind === "frame" ? tile.item.madeAtMs : tile.item.failedAtMs
}

/** Frames that are made; 0 of a failure. */
export const framesOf = (tile: Tile): number =>
  tile.kind === "shot"
    ? runsOf(tile.item.made).reduce((sum, { first, last }) => sum + last - first + 1, 0)
    : tile.kind === "frame"
      ? 1
      : 0

const byName = new Intl.Collator("en", { numeric: true }).compare

export type Choice = { readonly query: string; readonly state: State; readonly order: Order }

/** The tiles that are chosen, in order. */
export function chosen(tiles: readonly Tile[], { query, state, order }: Choice): readonly Tile[] {
  const words = wordsOf(query)
  const rank = ORDERS[order]
  return tiles
    .filter((tile) => isOf(tile, state) && matches(tile, words))
    .map((tile) => ({ tile, rank: rank(tile), key: keyOf(tile) }))
    .sort((one, other) => one.rank - other.rank || byName(one.key, other.key))
    .map(({ tile }) => tile)
}

/** By the first folder below what all have in common, by the first two, by the whole folder, or not at all. */
export type Grouping = "top" | "two" | "folder" | "none"

export type Group = { readonly title: string; readonly tiles: readonly Tile[] }

/** Groups in order of their first tiles; the title is the folder, empty where there is none. */
export function grouped(tiles: readonly Tile[], grouping: Grouping): readonly Group[] {
  if (grouping === "none") return tiles.length === 0 ? [] : [{ title: "", tiles }]
  const levels = { top: 1, two: 2, folder: Number.POSITIVE_INFINITY }[grouping]
  const common = commonSteps(tiles)
  const titleOf = ({ item: { folder } }: Tile): string =>
    folder
      .split("/")
      .slice(0, -1)
      .slice(0, common + levels)
      .join("/")
  return [...Map.groupBy(tiles, titleOf)].map(([title, of]) => ({ title, tiles: of }))
}

/** How many folders all tiles have in common. */
function commonSteps(tiles: readonly Tile[]): number {
  const [first, ...others] = [...new Set(tiles.map(({ item: { folder } }) => folder))].map((folder) =>
    folder.split("/").slice(0, -1),
  )
  return others.reduce(
    (count, steps) => {
      const differs = steps.findIndex((step, at) => step !== first?.[at])
      return Math.min(count, differs < 0 ? steps.length : differs)
    },
    first === undefined ? 0 : first.length,
  )
}

/** Other versions of a shot: the same name and folder but for the number of the version. In order. */
export function versionsOf(shot: Shot, shots: readonly Shot[]): readonly Shot[] {
  const wanted = withoutVersion(shot)
  return shots.filter(
    (other) =>
      other !== shot && other.movie !== null && other.bucket === shot.bucket && withoutVersion(other) === wanted,
  )
}

const withoutVersion = ({ folder, name, version }: Shot): string =>
  version === null || !/^\d+$/.test(version)
    ? `${folder}${name}`
    : `${folder}${name}`.replaceAll(new RegExp(`([vV])${version}(?!\\d)`, "g"), "$1#")
