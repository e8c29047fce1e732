import { flagOf } from "../../../config/table.ts"
import type { Channel } from "../../../events/records.generated.ts"
import type { PictureChoice } from "../../../picture/index.ts"
import type { ExaminedHeader } from "../../../picture/inspect/inspector.ts"
import type { HeaderPart, PictureHeader } from "../../../picture/read/header/model.ts"
import { isData } from "../../../picture/read/select/candidates.ts"
import { channelName, isDataName } from "../../../picture/read/select/layers.ts"
import { passName } from "../../../picture/read/select/passes.ts"
import { type SelectablePicture, selectablePictures } from "../../../picture/read/select/selectable-pictures.ts"
import { visible } from "../../../system/visible.ts"
import { aligned, clipped, listed } from "./layout.ts"
import { windowText } from "./windows.ts"

/** Channels that belong together: one layer in one view of one part. */
export type Layer = {
  readonly part: number
  /** Null for channels without a layer. */
  readonly name: string | null
  readonly view: string | null
  /** As they are called within the layer, in the order in which people say them. */
  readonly components: readonly string[]
  /** Types of their samples, each once. */
  readonly types: readonly string[]
  /** Subsampled channels, `RY 2x2`. */
  readonly subsampled: readonly string[]
  /** Depth, motion, normals, masks and the like: shown where there is no picture, or where somebody chooses them. */
  readonly isData: boolean
}

/** The layers of a part in file order, from the names of its channels. `views` are those of the file, hero first. */
export function layersOf(part: HeaderPart, views: readonly string[]): readonly Layer[] {
  const named = part.channels.map((channel) => ({ channel, ...channelName(channel.name, views) }))
  const groups = Map.groupBy(named, ({ layer, view }) => JSON.stringify([layer, view]))
  return [...groups.values()].map((group) => {
    const [first] = group
    const channels = group.map(({ channel }) => channel)
    const components = group.map(({ component }) => component).sort(bySaying)
    return {
      part: part.index,
      name: first?.layer ?? null,
      view: part.view ?? first?.view ?? null,
      components,
      types: [...new Set(channels.map(({ pixelType }) => pixelType))],
      subsampled: channels.filter(isSubsampled).map(samplingText),
      isData: isDataLayer(part, first?.layer ?? null, components),
    }
  })
}

const isDataLayer = ({ name }: HeaderPart, layer: string | null, components: readonly string[]): boolean =>
  [name, layer].some((one) => one !== null && isDataName(one)) || components.every(isDataName)

const isSubsampled = ({ xSampling, ySampling }: Channel): boolean => xSampling !== 1 || ySampling !== 1

const samplingText = ({ name, xSampling, ySampling }: Channel): string => `${name} ${xSampling}x${ySampling}`

/** Files keep channels in the order of the alphabet; people say R, G, B, A. */
const SAYING = ["r", "g", "b", "red", "green", "blue", "x", "y", "z", "ry", "by", "u", "v", "a", "alpha"]

function bySaying(a: string, b: string): number {
  const rank = (name: string): number => {
    const found = SAYING.indexOf(name.toLowerCase())
    return found < 0 ? SAYING.length : found
  }
  return rank(a) - rank(b)
}

/** Views that the file lists, hero first. */
export const viewsOf = ({ parts }: PictureHeader): readonly string[] =>
  parts
    .flatMap(({ attributes }) => attributes.filter(({ name }) => name === "multiView"))
    .flatMap(({ value }) => (Array.isArray(value) ? value : []))
    .filter((view: unknown): view is string => typeof view === "string")

/** A line a part: number, name, view, kind, compression, data window, and what else is not as usual. */
export const partLines = ({ parts }: PictureHeader, columns: number): readonly string[] =>
  listed(aligned(parts.map(partCells))).map((line) => clipped(line, columns))

const partCells = ({
  index,
  name,
  view,
  kind,
  compression,
  lineOrder,
  tiles,
  dataWindow,
}: HeaderPart): readonly string[] => [
  String(index),
  name ?? "",
  view ?? "",
  kind,
  compression,
  windowText(dataWindow),
  [
    ...(tiles === null ? [] : [`${tiles.width} x ${tiles.height} tiles, ${tiles.levelMode}`]),
    ...(lineOrder === null || lineOrder === "increasing" ? [] : [`lines ${lineOrder}`]),
  ].join(", "),
]

/** A line a layer: the part where there are several, its name, its view, its channels, their types. */
export function channelLines(header: PictureHeader, columns: number): readonly string[] {
  const views = viewsOf(header)
  const layers = header.parts.flatMap((part) => layersOf(part, views))
  const isMany = header.parts.length > 1
  const heads = aligned(layers.map(({ part, name, view }) => [isMany ? String(part) : "", name ?? "-", view ?? ""]))
  const names = layers.map((layer) => clipped(visible(layer.components.join(" ")), NAMES_COLUMNS))
  const widest = Math.max(...names.map((name) => name.length))
  const lines = layers.map(
    (layer, at) => `${heads[at]?.padEnd(widestOf(heads))}  ${names[at]?.padEnd(widest)}  ${typesOf(layer)}`,
  )
  return listed(lines).map((line) => clipped(line, columns))
}

/** Widest list of the channels of one layer; names beyond it add nothing. */
const NAMES_COLUMNS = 40

const widestOf = (texts: readonly string[]): number => texts.reduce((most, { length }) => Math.max(most, length), 0)

const typesOf = ({ types, subsampled, isData, components }: Layer): string =>
  [
    types.join("/"),
    ...subsampled,
    ...(components.length > MANY ? [`${components.length} channels`] : []),
    ...(isData ? ["data"] : []),
  ].join(", ")

/** Layers with more channels than this get their number printed. */
const MANY = 8

/** A picture that the file holds, and whether it is the one that would be shown. */
export type ListedPicture = SelectablePicture & { readonly shown: boolean }

export function picturesOf({ header, reading }: Pick<ExaminedHeader, "header" | "reading">): readonly ListedPicture[] {
  const shown = reading.ok ? reading.value : null
  const pass = shown?.pass
  const kind = isData(pass) ? pass.kind : "picture"
  const channels = isData(pass) ? pass.channels : [...new Set(shown?.selection.channels)]
  return selectablePictures(header).map((one) => ({
    ...one,
    shown: one.part === shown?.selection.part && one.kind === kind && one.channels.join() === channels.join(),
  }))
}

/**
 * A line a picture: where it is, what it is, and which flags show it. Nothing where there is but one. Lines keep their
 * length: flags are there to be copied.
 */
export function pictureLines(inspected: Pick<ExaminedHeader, "header" | "reading">): readonly string[] {
  const pictures = picturesOf(inspected)
  if (pictures.length < 2) return []
  const isMany = inspected.header.parts.length > 1
  const heads = aligned(pictures.map((picture) => cells(picture, isMany)))
  const widest = Math.max(...heads.map(({ length }) => length))
  const rows = pictures.map((picture, at) => `${heads[at]?.padEnd(widest)}  ${chosenBy(picture)}`)
  return [...listed(rows), HINT]
}

const HINT = "(settings of these names do the same for all, pictureRules per prefix)"

const cells = ({ part, layer, view, channels, kind }: ListedPicture, isMany: boolean): readonly string[] => [
  isMany ? String(part) : "",
  layer ?? "-",
  view ?? "",
  kind === "picture" ? "" : passName(kind),
  channels.map((name) => name.slice(name.lastIndexOf(".") + 1)).join(" "),
]

const chosenBy = ({ shown, choice, channels }: ListedPicture): string => {
  if (shown) return "shown"
  return flags(choice ?? { channels })
}

const flags = (choice: PictureChoice): string =>
  (["part", "view", "layer", "channels"] as const)
    .flatMap((name) => (choice[name] === undefined ? [] : [`${flagOf(name)} ${quoted(String(choice[name]))}`]))
    .concat(choice.asColour ? [flagOf("asColour") ?? ""] : [])
    .join(" ")

/** As a shell takes it. */
const quoted = (text: string): string => (/^[\w.,/+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
