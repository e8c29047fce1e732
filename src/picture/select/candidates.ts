import { type HeaderPart, textNamed } from "../header/model.ts"
import { type ChannelName, channelName, isBeautyName, isDataName } from "./layers.ts"

/** A picture that a part could show. Lower ranks are preferred. */
export type Candidate = {
  readonly part: HeaderPart
  readonly view: string | null
  readonly layer: string | null
  readonly channels: readonly [string, string, string]
  readonly rank: number
  /** What kind of picture it is, for the reason. */
  readonly what: string
}

/** Order of preference: the whole picture before layers, colour before grey. */
const RANK = { rgb: 1, redGreenBlue: 2, xyz: 3, beautyLayer: 4, colourLayer: 5, luminance: 6, greyLayer: 7, lone: 8 }

/** Channels of one layer in one view, by component. */
type Group = { readonly layer: string | null; readonly view: string | null; readonly names: readonly ChannelName[] }

/** Every picture of a part; none where it holds data only. */
export function candidates(part: HeaderPart, views: readonly string[]): readonly Candidate[] {
  if (part.name !== null && isDataName(part.name)) return []
  const manifest = cryptomatteNames(part)
  const groups = grouped(part, views).filter(({ layer }) => layer === null || !isData(layer, manifest))
  const found = groups.flatMap((group) => groupCandidates(part, group))
  return found.length > 0 ? found : loneCandidates(part, groups)
}

/** Names of cryptomatte layers, from the attributes `cryptomatte/<key>/name`. */
const cryptomatteNames = (part: HeaderPart): readonly string[] =>
  part.attributes
    .filter(({ name }) => /^cryptomatte\/[^/]+\/name$/.test(name))
    .map(({ name }) => textNamed(part, name) ?? "")
    .filter((name) => name !== "")

const isData = (layer: string, manifest: readonly string[]): boolean =>
  isDataName(layer) || manifest.some((name) => layer.startsWith(name))

function grouped(part: HeaderPart, views: readonly string[]): readonly Group[] {
  const names = part.channels.map((channel) => channelName(channel.name, views))
  const byKey = Map.groupBy(names, ({ layer, view }) => JSON.stringify([layer, view]))
  return [...byKey.values()].map((group) => ({
    layer: group[0]?.layer ?? null,
    view: part.view ?? group[0]?.view ?? null,
    names: group,
  }))
}

function groupCandidates(part: HeaderPart, group: Group): readonly Candidate[] {
  const { layer, view } = group
  const made = (rank: number, what: string, channels: Candidate["channels"]): Candidate[] => [
    { part, view, layer, channels, rank, what },
  ]
  const rgb = triple(group, ["r", "g", "b"])
  if (rgb !== null) return made(layerRank(layer), "the colour channels", rgb)
  const named = triple(group, ["red", "green", "blue"])
  if (named !== null) return made(layer === null ? RANK.redGreenBlue : layerRank(layer), "the colour channels", named)
  const xyz = layer === null ? triple(group, ["x", "y", "z"]) : null
  if (xyz !== null) return made(RANK.xyz, "CIE XYZ as colour", xyz)
  const y = component(group, "y")
  if (y === null || component(group, "x") !== null) return []
  const rank = layer === null ? RANK.luminance : RANK.greyLayer
  const chroma = triple(group, ["y", "ry", "by"])
  return chroma === null ? made(rank, "luminance as grey", [y, y, y]) : made(rank, "luminance and chroma", chroma)
}

function layerRank(layer: string | null): number {
  if (layer === null) return RANK.rgb
  return isBeautyName(layer) ? RANK.beautyLayer : RANK.colourLayer
}

const component = ({ names }: Group, wanted: string): string | null =>
  names.find((name) => name.component.toLowerCase() === wanted)?.full ?? null

function triple(group: Group, wanted: readonly [string, string, string]): Candidate["channels"] | null {
  const [a, b, c] = wanted.map((name) => component(group, name))
  return a != null && b != null && c != null ? [a, b, c] : null
}

const isAlpha = ({ component: name }: ChannelName): boolean => /^(a|alpha)$/i.test(name)

/** The one channel that is left when data and alpha are set aside; alpha where there is nothing else. */
function loneCandidates(part: HeaderPart, groups: readonly Group[]): readonly Candidate[] {
  const integers = new Set(part.channels.filter(({ pixelType }) => pixelType === "uint").map(({ name }) => name))
  const shown = groups.flatMap((group) =>
    group.names
      .filter((name) => !isDataName(name.component) && !integers.has(name.full))
      .map((name) => ({ group, name })),
  )
  const colour = shown.filter(({ name }) => !isAlpha(name))
  const lone = colour.length === 1 ? colour[0] : colour.length === 0 && shown.length === 1 ? shown[0] : undefined
  if (lone === undefined) return []
  const { group, name } = lone
  const channels = [name.full, name.full, name.full] as const
  return [
    { part, view: group.view, layer: group.layer, channels, rank: RANK.lone, what: "the one channel left, as grey" },
  ]
}
