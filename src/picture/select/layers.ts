/** Words that say a layer or part holds data rather than a picture; compared with whole words of its name. */
const DATA_WORDS: ReadonlySet<string> = new Set(
  [
    "depth z zdepth zbuffer zback deepz motion motionvector motionvectors mv mvec vector vectors vec velocity vel flow",
    "forward backward disparity parallax normal normals nrm worldnormal position pos pworld worldposition worldpoint",
    "pointworld pref nref uv uvs st uvw texcoord mask masks matte mattes multimatte id ids objectid materialid objid",
    "matid instanceid stencil curvature tangent bitangent samplecount variance",
  ].flatMap((line) => line.split(" ")),
)

/** Data only where it is the whole name: single letters mean a channel elsewhere. */
const DATA_NAMES: ReadonlySet<string> = new Set(["n", "nn", "ng", "ns", "p", "pp", "u", "v", "id"])

/** Words that say a layer or part is the picture itself. */
const BEAUTY_WORDS: ReadonlySet<string> = new Set(
  "rgba rgb beauty bty combined main master color colour final comp primary".split(" "),
)

/** Lower-case words of a name: cut at punctuation, at camel humps, and before trailing digits. */
function words(name: string): readonly string[] {
  const cut = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase()
  return cut
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => word.replace(/\d+$/, ""))
    .filter((word) => word !== "")
}

/** Whether a layer, part or lone channel of this name is data: depth, motion, normals, masks, ids, cryptomatte. */
export function isDataName(name: string): boolean {
  const joined = name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "")
    .replace(/\d+$/, "")
  if (DATA_NAMES.has(joined) || DATA_WORDS.has(joined)) return true
  return words(name).some((word) => DATA_WORDS.has(word) || word.startsWith("crypto"))
}

export const isBeautyName = (name: string): boolean =>
  name.toLowerCase() === "c" || words(name).some((word) => BEAUTY_WORDS.has(word))

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
  const component = pieces.at(-1) ?? full
  const before = pieces.slice(0, -1)
  const last = before.at(-1)
  if (last === undefined) return { full, layer: null, view: views[0] ?? null, component }
  const hasView = views.includes(last)
  const layer = (hasView ? before.slice(0, -1) : before).join(".")
  return { full, layer: layer === "" ? null : layer, view: hasView ? last : null, component }
}
