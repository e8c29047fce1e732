import type { HeaderPart, PictureHeader } from "../../../picture/read/header/model.ts"
import { visible } from "../../../system/visible.ts"
import { type Layer, layersOf, viewsOf } from "./channels.ts"
import { aligned, clipped, listed } from "./text.ts"
import { windowText } from "./windows.ts"

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

/** Room for the channels of one layer: where there are more, what they are called is all alike. */
const NAMES_COLUMNS = 40

const widestOf = (texts: readonly string[]): number => texts.reduce((most, { length }) => Math.max(most, length), 0)

const typesOf = ({ types, subsampled, isData, components }: Layer): string =>
  [
    types.join("/"),
    ...subsampled,
    ...(components.length > MANY ? [`${components.length} channels`] : []),
    ...(isData ? ["data"] : []),
  ].join(", ")

/** Above these a person does not count. */
const MANY = 8
