import type { Channel, Part } from "../../events/records.generated.ts"
import { isBeautyName, isDataName } from "../read/select/layers.ts"

/** Channels as whoever renders thinks of them: beauty, depth, a light, a cryptomatte. */
export type Aov = {
  readonly name: string
  readonly part_index: number
  readonly view: string | null
  readonly components: readonly string[]
  readonly channel_group: string
  readonly channel_count: number
  readonly data_type: string
  readonly bit_depth: number
  readonly depth_label: string
  readonly category: "beauty" | "light_group" | "utility" | "matte" | "crypto" | "denoise" | "deep" | "data"
  readonly is_beauty: boolean
  readonly is_data: boolean
  readonly color_space: string
  readonly light_group: string | null
  readonly synthetic: boolean
  readonly uncompressed_bytes: number
  readonly pct_of_frame_logical: number
  /** Of a cryptomatte alone. */
  readonly ranks?: number
}

/** HALF, FLOAT, UINT8, UINT16 or UINT32: what samples take once they are decoded; a 10-bit one is UINT16. */
export function channelType(pixelType: string): string {
  const bits = Number(/\d+$/.exec(pixelType)?.[0] ?? 32)
  const kind = pixelType.replace(/\d+$/, "")
  if (kind === "half" || (kind === "float" && bits === 16)) return "HALF"
  if (kind === "float") return bits > 32 ? "DOUBLE" : "FLOAT"
  return `${kind === "int" ? "INT" : "UINT"}${bits <= 8 ? 8 : bits <= 16 ? 16 : 32}`
}

const BITS: Readonly<Record<string, number>> = { HALF: 16, FLOAT: 32, DOUBLE: 64 }
const bitsOf = (type: string): number => BITS[type] ?? Number(/\d+$/.exec(type)?.[0] ?? 32)

/** 16f, 32f, 8u, 16u, 16i. */
const labelOf = (type: string): string => `${bitsOf(type)}${type in BITS ? "f" : type.startsWith("INT") ? "i" : "u"}`

type Named = {
  readonly part: Part
  readonly name: string
  readonly view: string | null
  readonly component: string
  readonly rank: string | null
  readonly channel: Channel
}

/** Every layer, part and lone channel of a file; formats without layers have one made-up beauty for each picture. */
export function aovsOf(format: string, parts: readonly Part[]): readonly Aov[] {
  const isPlain = format !== "exr"
  const views = viewsOf(parts)
  const named = parts.flatMap((part) =>
    part.channels.map((channel) =>
      isPlain
        ? { part, channel, name: "beauty", view: null, component: channel.name, rank: null }
        : namedIn(part, channel, { views, isAlone: parts.length === 1 }),
    ),
  )
  const groups = [...Map.groupBy(named, ({ part, name, view }) => JSON.stringify([part.index, name, view])).values()]
  const total = named.reduce((sum, { part, channel }) => sum + bytesOf(part, channel), 0)
  return groups
    .map((group) => aovOf(group, { isPlain, total }))
    .toSorted((one, other) => Number(other.is_beauty) - Number(one.is_beauty) || one.part_index - other.part_index)
}

/** Views that the header lists. */
function viewsOf(parts: readonly Part[]): ReadonlySet<string> {
  const listed = parts.flatMap(({ attributes }) => attributes.filter(({ name }) => name === "multiView"))
  const names = listed.flatMap(({ valueJson }): unknown => JSON.parse(valueJson))
  return new Set(names.filter((name) => typeof name === "string"))
}

/** What channels without dots belong to: the first of the views. */
const heroOf = (views: ReadonlySet<string>): string | null => [...views][0] ?? null

/** `uCryptoObject00`, `crypto_object1`. */
const CRYPTO_RANK = /^(.*crypto[a-z_]*?)(\d+)$/i

type Surroundings = { readonly views: ReadonlySet<string>; readonly isAlone: boolean }

function namedIn(part: Part, channel: Channel, { views, isAlone }: Surroundings): Named {
  const pieces = channel.name.split(".")
  const component = pieces.pop() ?? channel.name
  const last = pieces.at(-1)
  const ownView = last !== undefined && views.has(last) ? last : null
  const layer = (ownView === null ? pieces : pieces.slice(0, -1)).join(".")
  const view = part.view ?? ownView ?? (last === undefined ? heroOf(views) : null)
  const source = layer || part.name || component
  const [, crypto, rank = null] = CRYPTO_RANK.exec(source) ?? []
  const name = crypto ?? ((!isAlone && part.name) || layer || bareName(component))
  return { part, channel, component, name, view, rank }
}

function bareName(component: string): string {
  if (/^[rgba]$/i.test(component)) return "beauty"
  return component.toUpperCase() === "Z" ? "depth" : component
}

/** Orders in which components are told, and what the group is called. */
const COMPONENTS: readonly (readonly string[])[] = ["RGBA", "RGB", "XYZ", "XY", "UV", "Z"].map((group) => [...group])

const orderOf = (components: ReadonlySet<string>): readonly string[] | undefined =>
  COMPONENTS.find((order) => order.length === components.size && order.every((one) => components.has(one)))

/** What is lit by one light, `diffuse_key`: the base, and the light's name. */
const LIGHT = /^(?:diffuse|specular|sss|transmission|emission|indirect|direct|volume|reflection|refraction|coat)_(.+)$/i

const MATTE = /mask|matte(?!_?paint)/i
const DENOISE = /denoise_(?:albedo|normal)|variance/i

type Frame = { readonly isPlain: boolean; readonly total: number }

function aovOf(group: readonly Named[], { isPlain, total }: Frame): Aov {
  const [{ part, name, view } = neverEmpty()] = group
  const components = new Set(group.map(({ component }) => component.toUpperCase()))
  const order = orderOf(components)
  const types = [...new Set(group.map(({ channel }) => channelType(channel.pixelType)))].toSorted()
  const [type = "FLOAT"] = types
  const ranks = new Set(group.flatMap(({ rank }) => rank ?? []))
  const category = categoryOf(name, { isCrypto: ranks.size > 0, isDeep: part.deep })
  const isData = ["data", "crypto", "matte", "deep"].includes(category)
  const bytes = group.reduce((sum, { channel }) => sum + bytesOf(part, channel), 0)
  return {
    ...{ name, part_index: part.index, view },
    components: order ?? [...components].toSorted(),
    channel_group: order?.join("") ?? [...components].toSorted().join("+"),
    channel_count: group.length,
    data_type: types.length > 1 ? "MIXED" : type,
    bit_depth: bitsOf(type),
    depth_label: types.length > 1 ? "MIXED" : labelOf(type),
    ...{ category, is_beauty: category === "beauty", is_data: isData },
    color_space: isData ? "raw" : (part.colorSpace ?? "unknown"),
    light_group: category === "light_group" ? (LIGHT.exec(name)?.[1] ?? null) : null,
    synthetic: isPlain,
    uncompressed_bytes: bytes,
    pct_of_frame_logical: total === 0 ? 0 : Math.round((bytes / total) * 1e6) / 1e4,
    ...(ranks.size > 0 && { ranks: ranks.size }),
  }
}

const neverEmpty = (): never => {
  throw new Error("aovs: a group without channels")
}

type Kind = { readonly isCrypto: boolean; readonly isDeep: boolean }

function categoryOf(name: string, { isCrypto, isDeep }: Kind): Aov["category"] {
  if (isCrypto) return "crypto"
  if (name === "beauty" || isBeautyName(name)) return "beauty"
  if (isDeep) return "deep"
  if (DENOISE.test(name)) return "denoise"
  if (MATTE.test(name)) return "matte"
  if (isDataName(name)) return "data"
  return LIGHT.test(name) ? "light_group" : "utility"
}

/** What a channel takes once it is decoded, by its sampling; a deep one once for each pixel. */
function bytesOf(
  { dataWindow: { xMin, yMin, xMax, yMax } }: Part,
  { pixelType, xSampling, ySampling }: Channel,
): number {
  const pixels = Math.floor(((xMax - xMin + 1) * (yMax - yMin + 1)) / (Math.max(1, xSampling) * Math.max(1, ySampling)))
  return pixels * (bitsOf(channelType(pixelType)) / 8)
}
