import type { ChunkChannel } from "../chunks/layout.ts"

/** How a channel is packed in DWA: as it is (with zlib), by a lossy cosine transform, or in runs. */
const SCHEMES = ["plain", "lossy", "runs"] as const
export type Scheme = (typeof SCHEMES)[number]

const PIXEL_TYPES = ["uint", "half", "float"] as const
const TERMINATOR = 0
/** OpenEXR writes suffixes of no more bytes. */
const LONGEST_SUFFIX = 127

/** What channels of a name's last component and of one pixel type are packed like. */
type ChannelRule = {
  readonly suffix: string
  readonly ignoresCase: boolean
  readonly pixelType: string
  readonly scheme: Scheme
  /** 0, 1, 2: red, green, blue of a colour that is packed as luma and chroma where it is complete; -1: by itself. */
  readonly colour: number
}

const legacy = (suffixes: string, scheme: Scheme, colour: number): readonly ChannelRule[] =>
  suffixes.split(" ").flatMap((suffix) =>
    PIXEL_TYPES.filter((pixelType) => scheme === "runs" || pixelType !== "uint").map((pixelType) => ({
      ...{ suffix, ignoresCase: true, pixelType, scheme, colour },
    })),
  )

/** Rules of chunks before version 2, which do not hold theirs. */
export const LEGACY_RULES: readonly ChannelRule[] = [
  ...legacy("r red", "lossy", 0),
  ...legacy("g grn green", "lossy", 1),
  ...legacy("b blu blue", "lossy", 2),
  ...legacy("y by ry", "lossy", -1),
  ...legacy("a", "runs", -1),
]

/** Rules at the start of `bytes`, and how many bytes they take; null where they are damaged. */
export function readRules(
  bytes: Uint8Array,
): { readonly rules: readonly ChannelRule[]; readonly sizeBytes: number } | null {
  if (bytes.length < 2) return null
  const sizeBytes = (bytes[0] as number) | ((bytes[1] as number) << 8)
  if (sizeBytes < 2 || sizeBytes > bytes.length) return null
  const rules: ChannelRule[] = []
  for (let at = 2; at < sizeBytes; ) {
    const end = bytes.indexOf(TERMINATOR, at)
    if (end < 0 || end + 3 > sizeBytes || end - at > LONGEST_SUFFIX) return null
    const rule = ruleOf(new TextDecoder().decode(bytes.subarray(at, end)), bytes[end + 1] ?? 0, bytes[end + 2] ?? 0)
    if (rule === null) return null
    rules.push(rule)
    at = end + 3
  }
  return { rules, sizeBytes }
}

function ruleOf(suffix: string, value: number, type: number): ChannelRule | null {
  const [scheme, pixelType, colour] = [SCHEMES[(value >>> 2) & 3], PIXEL_TYPES[type], (value >>> 4) - 1]
  if (scheme === undefined || pixelType === undefined || colour > 2) return null
  return { suffix, ignoresCase: (value & 1) === 1, pixelType, scheme, colour }
}

/** How each channel is packed, and which three of them (indexes) together as R, G and B. */
export type Plan = { readonly schemes: readonly Scheme[]; readonly colours: readonly (readonly number[])[] }

/** What the rules say of channels: the last that fits counts. */
export function planOf(rules: readonly ChannelRule[], channels: readonly ChunkChannel[]): Plan {
  const layers = new Map<string, number[]>()
  const schemes = channels.map(({ name, pixelType }, index): Scheme => {
    const suffixAt = name.lastIndexOf(".") + 1
    const [prefix, suffix] = [name.slice(0, suffixAt), name.slice(suffixAt)]
    const layer = layers.get(prefix) ?? [-1, -1, -1]
    layers.set(prefix, layer)
    const fitting = rules.filter((rule) => rule.pixelType === pixelType && isNamed(rule, suffix))
    for (const { colour } of fitting) if (colour >= 0) layer[colour] = index
    return fitting.at(-1)?.scheme ?? "plain"
  })
  return { schemes, colours: [...layers.values()].filter((layer) => isOneSampling(layer, channels)) }
}

const isNamed = (rule: ChannelRule, suffix: string): boolean =>
  rule.ignoresCase ? rule.suffix.toLowerCase() === suffix.toLowerCase() : rule.suffix === suffix

function isOneSampling(layer: readonly number[], channels: readonly ChunkChannel[]): boolean {
  const found = layer.flatMap((index) => channels[index] ?? [])
  const [first] = found
  return (
    found.length === 3 &&
    found.every(({ xSampling, ySampling }) => xSampling === first?.xSampling && ySampling === first.ySampling)
  )
}
