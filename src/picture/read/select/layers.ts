import { attributeNamed, type HeaderPart } from "../header/model.ts"

/** Words that say a layer or part holds data rather than a picture; compared with whole words of its name. */
const DATA_WORDS: ReadonlySet<string> = new Set(
  [
    "depth z zdepth zbuffer zback deepz motion motionvector motionvectors mv mvec vector vectors vec velocity vel flow",
    "forward backward disparity parallax normal normals nrm worldnormal position pos pworld worldposition worldpoint",
    "pointworld pref nref uv uvs st uvw texcoord mask masks matte mattes multimatte id ids objectid materialid objid",
    "matid instanceid stencil curvature tangent bitangent samplecount variance",
  ].flatMap((line) => line.split(" ")),
)

/** Data only where it is the whole name, without digits: single letters mean a channel or a version elsewhere. */
const DATA_NAMES: ReadonlySet<string> = new Set(["n", "nn", "ng", "ns", "p", "pp", "u", "v", "id"])

/** Words that say a layer or part is the picture itself. */
const BEAUTY_WORDS: ReadonlySet<string> = new Set(
  "rgba rgb beauty bty combined composite main master color colour final comp primary".split(" "),
)

/** Renderers' short names of the picture itself: Karma's C, RenderMan's Ci. */
const BEAUTY_NAMES: ReadonlySet<string> = new Set(["c", "ci"])

/** Words that say a layer or part is seen, whatever else its name says: matte_painting, position_light. */
const SEEN_WORDS: ReadonlySet<string> = new Set(
  "painting paint light lights lighting plate render image picture background foreground bg fg fx".split(" "),
)

/** Words that say a layer is a share of the picture: what is called otherwise is shown rather than these. */
const SHARE_WORDS: ReadonlySet<string> = new Set(
  [
    "albedo diffuse specular spec emission emissive reflection reflections refraction refractions transmission sss",
    "subsurface scatter scattering indirect direct gi ao occlusion shadow shadows coat clearcoat sheen volume glossy",
    "residual noise denoise caustics fresnel luminance",
  ].flatMap((line) => line.split(" ")),
)

/** Lower-case words of a name: cut at punctuation, at camel humps, and before trailing digits. */
export function words(name: string): readonly string[] {
  const cut = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase()
  return cut
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => word.replace(/\d+$/, ""))
    .filter((word) => word !== "")
}

/**
 * Whether the name of a layer, part or lone channel suggests data: depth, motion, normals, masks, ids, cryptomatte. A name
 * is a hint and no more: people call pictures sh010_flow_comp, matte_painting and v001.
 */
export function isDataName(name: string): boolean {
  if (DATA_NAMES.has(name.toLowerCase())) return true
  const found = words(name)
  if (found.some((word) => BEAUTY_WORDS.has(word) || SEEN_WORDS.has(word))) return false
  const joined = name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "")
    .replace(/\d+$/, "")
  return DATA_WORDS.has(joined) || found.some((word) => DATA_WORDS.has(word) || word.startsWith("crypto"))
}

/** Whether a lone channel of this name is a mask, which is seen as grey as it is; other data needs a range first. */
export const isMaskName = (name: string): boolean => words(name).some((word) => MASK_WORDS.has(word))

const MASK_WORDS: ReadonlySet<string> = new Set(["mask", "masks", "matte", "mattes", "stencil"])

export const isBeautyName = (name: string): boolean =>
  BEAUTY_NAMES.has(name.toLowerCase()) || words(name).some((word) => BEAUTY_WORDS.has(word))

/** Whether a layer of this name is a share of the picture, such as its diffuse light. */
export const isShareName = (name: string): boolean => words(name).some((word) => SHARE_WORDS.has(word))

/** A channel's name in its pieces: `layer.view.component`, as OpenEXR's multi-view convention has them. */
export type ChannelName = {
  readonly full: string
  readonly layer: string | null
  /** View the name says, or the hero view for a name without dots; null where the file names no views. */
  readonly view: string | null
  readonly component: string
}

/** Cuts a full channel name; `views` are those of `multiView`, hero first, empty in files without it. */
export function channelName(full: string, views: readonly string[]): ChannelName {
  const pieces = full.split(".")
  const component = (pieces.at(-1) ?? full).trim()
  const before = pieces.slice(0, -1)
  const last = before.at(-1)
  if (last === undefined) return { full, layer: null, view: views[0] ?? null, component }
  const hasView = views.includes(last)
  const layer = (hasView ? before.slice(0, -1) : before).join(".")
  return { full, layer: layer === "" ? null : layer, view: hasView ? last : null, component }
}

/** Channels of one layer in one view of one part. */
export type Group = {
  readonly part: HeaderPart
  /** Null for channels without a layer. */
  readonly layer: string | null
  readonly view: string | null
  readonly names: readonly ChannelName[]
}

/** The groups of a part, in file order; `views` are those of the file, hero first. */
export function groupsOf(part: HeaderPart, views: readonly string[]): readonly Group[] {
  const names = part.channels.map((channel) => channelName(channel.name, views))
  const byKey = Map.groupBy(names, ({ layer, view }) => JSON.stringify([layer, view]))
  return [...byKey.values()].map((group) => ({
    part,
    layer: group[0]?.layer ?? null,
    view: part.view ?? group[0]?.view ?? null,
    names: group,
  }))
}

/** Views that the file lists, hero first. */
export function multiView(parts: readonly HeaderPart[]): readonly string[] {
  const listed = parts.map((part) => attributeNamed(part, "multiView")?.value).find((value) => Array.isArray(value))
  return (listed ?? []).filter((view: unknown): view is string => typeof view === "string")
}

/**
 * What people call a group: its layer, or, for channels without one, the name of their part, as multi-part files have it;
 * without the view that the name may end with (`diffuse.left`, `rgba_right`). Null where nothing names it.
 */
export function layerName({ layer, part, view }: Group): string | null {
  if (layer !== null || part.name === null) return layer
  const end = view === null ? -1 : part.name.length - view.length - 1
  const namesView = end > 0 && part.name.endsWith(view ?? "") && /[._ -]/.test(part.name[end] ?? "")
  return namesView ? part.name.slice(0, end) : part.name
}
