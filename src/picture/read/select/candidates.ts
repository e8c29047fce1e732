import type { DataKind, DataPass } from "../../model.ts"
import { type HeaderPart, textNamed } from "../header/model.ts"
import { type ChannelName, type Group, isBeautyName, isDataName, isMaskName, isShareName } from "./layers.ts"

/** A picture that a part could show. Lower standings are preferred, then lower ranks. */
export type Candidate = {
  readonly standing: Standing
  readonly part: HeaderPart
  readonly view: string | null
  readonly layer: string | null
  readonly channels: readonly [string, string, string]
  readonly rank: number
  /** What kind of picture it is, for the reason. */
  readonly what: string
}

/** Names rank and never veto: what is called like data is shown where there is nothing else; alpha alone comes last. */
const STANDING = { picture: 0, namedLikeData: 1, alphaAlone: 2 } as const
export type Standing = (typeof STANDING)[keyof typeof STANDING]

/** Order of preference: the whole picture before layers, colour before grey, the whole light before a share of it. */
const RANK = {
  ...{ rgb: 1, redGreenBlue: 2, xyz: 3, beautyLayer: 4, colourLayer: 5, shareLayer: 6 },
  ...{ luminance: 7, greyLayer: 8, lone: 9 },
}

export const isNamedLikeData = ({ standing }: Candidate): boolean => standing === STANDING.namedLikeData

/** Every picture of groups of a part; none where channels are data by their own names, or a cryptomatte by the file's word. */
export function candidates(part: HeaderPart, ofPart: readonly Group[]): readonly Candidate[] {
  const manifest = cryptomatteNames(part)
  const groups = ofPart.filter(({ layer }) => layer === null || !isCryptomatte(layer, manifest))
  const found = groups.flatMap((group) => groupCandidates(part, group))
  const hasPicture = found.some(({ standing }) => standing === STANDING.picture)
  return hasPicture ? found : [...found, ...loneCandidates(part, groups)]
}

/** Names of cryptomatte layers, from the attributes `cryptomatte/<key>/name`. */
export const cryptomatteNames = (part: HeaderPart): readonly string[] =>
  part.attributes
    .filter(({ name }) => /^cryptomatte\/[^/]+\/name$/.test(name))
    .map(({ name }) => textNamed(part, name) ?? "")
    .filter((name) => name !== "")

/** `crypto00` and its like hold ids and coverage whatever the manifest says. */
export const isCryptomatte = (layer: string, manifest: readonly string[]): boolean =>
  /(^|[._])crypto/i.test(layer) || manifest.some((name) => layer.startsWith(name))

function standingOf(part: HeaderPart, layer: string | null): Standing {
  const isNamed = [part.name, layer].some((name) => name !== null && isDataName(name))
  return isNamed ? STANDING.namedLikeData : STANDING.picture
}

function groupCandidates(part: HeaderPart, group: Group): readonly Candidate[] {
  const { layer, view } = group
  const standing = standingOf(part, layer)
  const made = (rank: number, what: string, channels: Candidate["channels"]): Candidate[] => [
    { part, view, layer, channels, rank, what, standing },
  ]
  const rgb = triple(group, ["r", "g", "b"])
  if (rgb !== null) return made(layerRank(layer), "the colour channels", rgb)
  const named = triple(group, ["red", "green", "blue"])
  if (named !== null) return made(layer === null ? RANK.redGreenBlue : layerRank(layer), "the colour channels", named)
  // Colour is stored as X, Y, Z at the top of a part; under a name of data the same letters are places and directions.
  const xyz = layer === null && standing === STANDING.picture ? triple(group, ["x", "y", "z"]) : null
  if (xyz !== null) return made(RANK.xyz, "CIE XYZ as colour", xyz)
  const y = component(group, "y")
  if (y === null || component(group, "x") !== null) return []
  const rank = layer === null ? RANK.luminance : RANK.greyLayer
  const chroma = triple(group, ["y", "ry", "by"])
  return chroma === null ? made(rank, "luminance as grey", [y, y, y]) : made(rank, "luminance and chroma", chroma)
}

function layerRank(layer: string | null): number {
  if (layer === null) return RANK.rgb
  if (isBeautyName(layer)) return RANK.beautyLayer
  return isShareName(layer) ? RANK.shareLayer : RANK.colourLayer
}

const component = ({ names }: Group, wanted: string): string | null =>
  names.find((name) => name.component.toLowerCase() === wanted)?.full ?? null

function triple(group: Group, wanted: readonly [string, string, string]): Candidate["channels"] | null {
  const [a, b, c] = wanted.map((name) => component(group, name))
  return a != null && b != null && c != null ? [a, b, c] : null
}

const isAlpha = ({ component: name }: ChannelName): boolean => /^(a|alpha)$/i.test(name)

/**
 * The one channel that is left, as grey, when data and alpha are set aside. Where there is none, the one whose layer or part
 * is called like data, or a mask; then alpha. Depth, ids and the like say by their own names that they are no picture.
 */
function loneCandidates(part: HeaderPart, groups: readonly Group[]): readonly Candidate[] {
  const integers = new Set(part.channels.filter(({ pixelType }) => pixelType === "uint").map(({ name }) => name))
  const named = groups.flatMap((group) => group.names.map((name) => ({ group, name })))
  const seen = named.filter(({ name }) => !integers.has(name.full) && isSeen(name.component))
  const colour = seen.filter(({ name }) => !isAlpha(name))
  const [clear, doubtful] = [
    colour.filter((one) => !isLikeData(part, one)),
    colour.filter((one) => isLikeData(part, one)),
  ]
  const alpha = seen.filter(({ name }) => isAlpha(name))
  if (clear.length > 0) return asGrey(part, clear, STANDING.picture)
  if (doubtful.length === 1) return asGrey(part, doubtful, STANDING.namedLikeData)
  return asGrey(part, alpha, STANDING.alphaAlone)
}

const isSeen = (component: string): boolean => !isDataName(component) || isMaskName(component)

type NamedChannel = { readonly group: Group; readonly name: ChannelName }

const isLikeData = (part: HeaderPart, { group, name }: NamedChannel): boolean =>
  isMaskName(name.component) || standingOf(part, group.layer) === STANDING.namedLikeData

function asGrey(
  part: HeaderPart,
  [lone, ...others]: readonly NamedChannel[],
  standing: Standing,
): readonly Candidate[] {
  if (lone === undefined || others.length > 0) return []
  const { group, name } = lone
  const channels = [name.full, name.full, name.full] as const
  const what = "the one channel left, as grey"
  return [{ part, view: group.view, layer: group.layer, channels, rank: RANK.lone, what, standing }]
}

/** The picture that the rules of a format chose to show. */
export type ShownPicture = {
  readonly part: HeaderPart
  readonly view: string | null
  readonly layer: string | null
  /** Channels as the decoder names them, shown as R, G and B. */
  readonly channels: readonly [string, string, string]
  readonly reason: string
  /** TIFF/Exif orientation 1..8. */
  readonly orientation: number
  readonly warnings: readonly string[]
  /** Absent for pictures. */
  readonly pass?: DataPass
}

export const grey = (channel: string): ShownPicture["channels"] => [channel, channel, channel]

/** The channels as a sentence names them. */
export const channelsText = (channels: ShownPicture["channels"]): string =>
  channels[0] === channels[1] ? `${channels[0]} as grey` : channels.join(", ")

/** Whether a pass is data, which has no colours and takes no look; the other kinds are pictures. */
export const isData = (pass: DataPass | undefined): pass is DataPass & { readonly kind: DataKind } =>
  pass !== undefined && pass.kind !== "uint" && pass.kind !== "lab"
