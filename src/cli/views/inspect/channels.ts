import type { Channel } from "../../../events/records.generated.ts"
import type { HeaderPart, PictureHeader } from "../../../picture/read/header/model.ts"
import { channelName, isDataName } from "../../../picture/read/select/layers.ts"

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
