import { done, failed, failure, type Result } from "../../../events/result.ts"
import type { DataKind, DataPass, PictureChoice } from "../../model.ts"
import { type HeaderPart, pixelTypeOf } from "../header/model.ts"
import { cryptomatteNames, isCryptomatte, type ShownPicture } from "./candidates.ts"
import { chosenSays, isChoice } from "./choice.ts"
import { type Group, isDataName, layerName, words } from "./layers.ts"

/** A pass of data that a file holds, and where. */
export type PassCandidate = DataPass & {
  readonly kind: DataKind
  readonly part: HeaderPart
  readonly view: string | null
  readonly layer: string | null
}

/** In the order in which one is shown where there are several and no picture. */
const KIND_WORDS: readonly (readonly [DataKind, string])[] = [
  ["depth", "depth z zdepth zbuffer zback deepz"],
  ["normals", "normal normals nrm worldnormal n nn ng ns tangent bitangent"],
  ["motion", "motion motionvector motionvectors mv mvec vector vectors vec velocity vel flow forward backward"],
  ["motion", "disparity parallax"],
  ["position", "position pos pworld worldposition worldpoint pointworld pref nref p pp"],
  ["uv", "uv uvs st uvw texcoord u v"],
  ["ids", "id ids objectid materialid objid matid instanceid"],
]

const KINDS_BY_WORD: ReadonlyMap<string, DataKind> = new Map(
  KIND_WORDS.toReversed().flatMap(([kind, list]) => list.split(" ").map((word) => [word, kind] as const)),
)

const KIND_ORDER: readonly DataKind[] = ["depth", "normals", "motion", "position", "uv", "ids", "cryptomatte"]

/** What kind of data the name of a layer, a part or a lone channel says; null where it says none, or a picture's. */
function kindNamed(name: string): DataKind | null {
  if (!isDataName(name)) return null
  const found = words(name)
  return [name.toLowerCase(), found.join(""), ...found].flatMap((word) => KINDS_BY_WORD.get(word) ?? [])[0] ?? null
}

/** Passes of data in these groups, in the order in which they are shown. */
export function passesOf(groups: readonly Group[]): readonly PassCandidate[] {
  const manifests = new Map(groups.map(({ part }) => [part, cryptomatteNames(part)]))
  const isCrypto = ({ part, layer }: Group): boolean =>
    layer !== null && isCryptomatte(layer, manifests.get(part) ?? [])
  const plain = groups.filter((group) => !isCrypto(group)).flatMap(plainPasses)
  const all = [...plain, ...cryptomattes(groups.filter(isCrypto))]
  return all.toSorted((a, b) => KIND_ORDER.indexOf(a.kind) - KIND_ORDER.indexOf(b.kind))
}

/** How many channels each kind can be shown of. */
const COUNTS: Readonly<Record<DataKind, readonly number[]>> = {
  depth: [1],
  normals: [1, 3],
  motion: [1, 2, 3],
  position: [1, 3],
  uv: [1, 2, 3],
  ids: [1],
  cryptomatte: [],
}

/** The pass that chosen channels are, where they are of one layer of data; null where they are shown as a picture. */
export function passOfChannels(groups: readonly Group[], channels: readonly string[]): PassCandidate | null {
  const [group, ...others] = groups
  if (group === undefined) return null
  const names = channels.flatMap((full) => groups.flatMap((one) => one.names.filter((name) => name.full === full)))
  const { part, view, layer } = group
  if (groups.every(({ layer: one }) => one !== null && isCryptomatte(one, cryptomatteNames(part)))) {
    const components = names.map(({ component }) => component.toLowerCase())
    const isPair =
      components.every((one, at) => PAIRS.some((pair) => pair[at % 2] === one)) && channels.length % 2 === 0
    if (isPair) return { kind: "cryptomatte", part, view, layer, channels }
    return channels.length === 1 && /^[rb]/.test(components[0] ?? "")
      ? { kind: "ids", part, view, layer, channels }
      : null
  }
  if (others.length > 0) return null
  const named = kindNamed(layerName(group) ?? "")
  const kind = named ?? kindsByComponent({ ...group, names })[0]
  return kind !== undefined && COUNTS[kind].includes(channels.length) ? { kind, part, view, layer, channels } : null
}

function plainPasses(group: Group): readonly PassCandidate[] {
  const { part, view, layer } = group
  const name = layerName(group)
  const named = name === null ? null : kindNamed(name)
  const kinds = named === null ? kindsByComponent(group) : [named]
  return kinds.flatMap((kind) => {
    const channels = channelsOf(kind, group)
    return channels === null ? [] : [{ kind, part, view, layer, channels }]
  })
}

/** Without a name of data, channels say by their own names what they are. */
function kindsByComponent({ part, names }: Group): readonly DataKind[] {
  const own = new Set(names.flatMap(({ component }) => kindNamed(component) ?? []))
  const has = (...wanted: readonly string[]): boolean =>
    wanted.every((one) => names.some(({ component }) => component.toLowerCase() === one))
  if (has("nx", "ny", "nz")) own.add("normals")
  if (names.length === 1 && pixelTypeOf(part, names[0]?.full) === "uint") own.add("ids")
  return [...own]
}

/** Components of each kind, in the order in which they are sought. */
const COMPONENTS: Readonly<Record<Exclude<DataKind, "cryptomatte">, readonly (readonly string[])[]>> = {
  depth: [["z"], ["depth"], ["zdepth"], ["y"], ["r"], ["red"], ["x"]],
  normals: [
    ["x", "y", "z"],
    ["r", "g", "b"],
    ["red", "green", "blue"],
    ["nx", "ny", "nz"],
  ],
  motion: [
    ["u", "v"],
    ["x", "y"],
    ["r", "g"],
    ["red", "green"],
  ],
  position: [
    ["x", "y", "z"],
    ["r", "g", "b"],
    ["red", "green", "blue"],
  ],
  uv: [
    ["u", "v"],
    ["x", "y"],
    ["r", "g"],
    ["s", "t"],
    ["red", "green"],
  ],
  ids: [["id"], ["r"], ["red"], ["x"], ["y"], ["z"]],
}

/** Full names of the channels that hold a kind; the only one of a group that has one; null where they are not there. */
function channelsOf(kind: DataKind, { names, part }: Group): readonly string[] | null {
  if (kind === "cryptomatte") return null
  const [only, ...others] = names.filter(({ component }) => !/^(a|alpha)$/i.test(component))
  if (only !== undefined && others.length === 0) return [only.full]
  for (const wanted of COMPONENTS[kind]) {
    const found = wanted.map((one) => names.find(({ component }) => component.toLowerCase() === one)?.full)
    if (found.every((name) => name !== undefined)) return found
  }
  const own = names.find(({ component }) => kindNamed(component) === kind)
  if (own !== undefined) return [own.full]
  const integer = names.find((name) => pixelTypeOf(part, name.full) === "uint")
  return kind === "ids" && integer !== undefined ? [integer.full] : null
}

/** Layers of ranks, `crypto_object00` and on: each holds two pairs of an id and its coverage. */
function cryptomattes(groups: readonly Group[]): readonly PassCandidate[] {
  const ranks = groups.filter(({ layer }) => /\d\d$/.test(layer ?? ""))
  const byName = Map.groupBy(ranks, ({ part, view, layer }) => JSON.stringify([part.index, view, baseName(layer)]))
  return [...byName.values()].flatMap((layers) => {
    const inOrder = layers.toSorted((a, b) => ((a.layer ?? "") < (b.layer ?? "") ? -1 : 1))
    const channels = inOrder.flatMap(pairs)
    const [first] = inOrder
    if (first === undefined || channels.length === 0) return []
    return [
      { kind: "cryptomatte" as const, part: first.part, view: first.view, layer: baseName(first.layer), channels },
    ]
  })
}

const baseName = (layer: string | null): string => (layer ?? "").replace(/\d\d$/, "")

const PAIRS = [
  ["r", "g"],
  ["b", "a"],
  ["red", "green"],
  ["blue", "alpha"],
]

function pairs({ names }: Group): readonly string[] {
  return PAIRS.flatMap((pair) => {
    const found = pair.map((one) => names.find(({ component }) => component.toLowerCase() === one)?.full)
    return found.every((name) => name !== undefined) ? found : []
  })
}

/** What each kind of data is called, and how it is shown. */
const KINDS: Readonly<Record<DataKind, readonly [name: string, how: string]>> = {
  depth: ["depth", "in grey, from the smallest value (black, near) to the largest (white, far)"],
  normals: ["normals", "as colour, 0.5 + 0.5 n of each axis"],
  motion: ["motion vectors", "x in red and y in green around grey, full at the length of the longest vector"],
  position: ["positions", "as colour, each axis from its smallest to its largest value"],
  uv: ["texture coordinates", "u in red and v in green, from 0 to 1"],
  ids: ["ids", "in false colour, which the id alone decides; 0 is black"],
  cryptomatte: ["cryptomatte", "in false colour, which the id alone decides, each rank by its coverage"],
}

export const passName = (kind: DataKind): string => KINDS[kind][0]

/** Said where nobody chose data. */
export const insteadSays = (name: string): string =>
  `The file holds no picture that can be shown; shown instead: ${name}.`

/** Where in the file something is: layer, part and view. */
export function placeSays(
  { part, view, layer }: Pick<PassCandidate, "part" | "view" | "layer">,
  hero: string | null,
): string {
  const where = part.name === null ? `part ${part.index}` : `part ${part.index} (${JSON.stringify(part.name)})`
  const ofLayer = layer === null ? "" : ` of layer ${JSON.stringify(layer)}`
  const ofView = view === null ? "" : ` in the ${view === hero ? "hero view" : "view"} ${JSON.stringify(view)}`
  return `${ofLayer} of ${where}${ofView}`
}

/** A pass of data that is shown as its kind usually is. Fails: picture/unsupported for unknown compression. */
export function shownPass(found: PassCandidate, hero: string | null, choice: PictureChoice): Result<ShownPicture> {
  const { kind, part, view, layer, channels } = found
  if (part.compression.startsWith("unknown"))
    return failed(failure("picture/unsupported", `Unsupported compression: ${part.compression}.`))
  const [first = "", second, third] = channels
  const [name, how] = KINDS[kind]
  const reason = `Shows ${name} (${channels.join(", ")})${placeSays(found, hero)}${chosenSays(choice)}, ${how}.`
  const warnings = isChoice(choice) ? [] : [insteadSays(name)]
  const shown = [first, second ?? first, third ?? second ?? first] as const
  return done({ part, view, layer, channels: shown, reason, orientation: 1, warnings, pass: { kind, channels } })
}
