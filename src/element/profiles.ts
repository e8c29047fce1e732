/** Render settings that a profile may name in place of a number. */
type NumberSetting = "thumbnailEdgePx" | "thumbnailQuality" | "proxyWidthPx" | "proxyHeightPx"

/** A number, or the render setting that holds it. */
export type Amount = number | NumberSetting

export type Canvas =
  /** Exactly this size, pixels: the whole picture in its own shape as large as fits, centred, the rest black. */
  | { readonly kind: "letterbox"; readonly width: Amount; readonly height: Amount }
  /** The picture alone, its longer side at most this many pixels; never enlarged. */
  | { readonly kind: "longest-edge"; readonly edge: Amount }

export type Encoder =
  | { readonly format: "jpeg"; readonly quality: Amount }
  /** A still as an H.264 movie, by the render settings proxyCrf, proxyPreset, stillHoldFrames and defaultFrameRate. */
  | { readonly format: "h264-still" }

/** One output of a frame, as plain data: names, claims, renders, facts and notifications go over a list of these. */
export type OutputProfile = {
  /** Names the output in facts, object tags, messages and, with `_uri` behind it, in notifications. */
  readonly name: string
  readonly canvas: Canvas
  /** Display whose code values it carries where no OCIO config of a facility brings its own. */
  readonly look: "sRGB" | "Rec709"
  readonly encoder: Encoder
  /** What stands behind the source's stem in the output's name. */
  readonly suffix: string
  readonly contentType: string
  /** Notifications tell where it is. */
  readonly isNotified: boolean
}

/** What every output has, whether it is a picture or not. */
export type StoredOutput = Pick<OutputProfile, "name" | "suffix" | "contentType" | "isNotified">

/** The contract's two outputs, which are always made. */
export const THUMBNAIL = {
  name: "thumbnail",
  canvas: { kind: "letterbox", width: "thumbnailEdgePx", height: "thumbnailEdgePx" },
  look: "sRGB",
  encoder: { format: "jpeg", quality: "thumbnailQuality" },
  suffix: "_thumb.jpg",
  contentType: "image/jpeg",
  isNotified: true,
} as const satisfies OutputProfile

export const PROXY = {
  name: "proxy",
  canvas: { kind: "letterbox", width: "proxyWidthPx", height: "proxyHeightPx" },
  look: "Rec709",
  encoder: { format: "h264-still" },
  suffix: "_proxy.mp4",
  contentType: "video/mp4",
  isNotified: true,
} as const satisfies OutputProfile

/** An output that is made only where its longest edge is above 0. */
export type FurtherProfile = Omit<OutputProfile, "canvas"> & {
  readonly canvas: { readonly kind: "longest-edge" }
  /** src/config makes a setting of this: flag, variable, help and documentation follow from it. */
  readonly edge: {
    readonly setting: string
    readonly says: string
    readonly mostPx: number
    /** The edge where the setting is left out and SpaceHarbor is served. */
    readonly forSpaceHarborPx: number
  }
}

/** Outputs beside the contract's. Adding one here is all there is to it, unless it needs a new encoder. */
export const FURTHER_PROFILES = [
  {
    name: "preview",
    canvas: { kind: "longest-edge" },
    look: "sRGB",
    encoder: { format: "jpeg", quality: 90 },
    suffix: "_preview.jpg",
    contentType: "image/jpeg",
    isNotified: true,
    edge: {
      setting: "previewEdgePx",
      says: "Longest edge of a JPEG of the full picture, {stem}_preview.jpg, which SpaceHarbor shows where it is there; never enlarged, without bars. 0 makes none, and leaves those that are there as they are.",
      mostPx: 8192,
      forSpaceHarborPx: 8192,
    },
  },
  {
    name: "still",
    canvas: { kind: "longest-edge" },
    look: "sRGB",
    encoder: { format: "jpeg", quality: 90 },
    suffix: "_proxy.jpg",
    contentType: "image/jpeg",
    isNotified: false,
    edge: {
      setting: "stillEdgePx",
      says: "Longest edge of a JPEG of the full picture, {stem}_proxy.jpg, by which SpaceHarbor tells that the proxy of a picture is ready; never enlarged, without bars. 0 makes none, and leaves those that are there as they are.",
      mostPx: 8192,
      forSpaceHarborPx: 1920,
    },
  },
] as const satisfies readonly FurtherProfile[]

/** Settings that switch further outputs on, by name; null or absent where nothing is said. */
export type EdgeSettings = Readonly<
  Partial<Record<(typeof FURTHER_PROFILES)[number]["edge"]["setting"], number | null>>
>

/** The further outputs that these settings switch on; their canvas is resolved, because renderKeys are made of it. */
export const furtherOutputs = (edges: EdgeSettings, spaceharbor = false): readonly OutputProfile[] =>
  FURTHER_PROFILES.flatMap(({ edge: { setting, forSpaceHarborPx }, canvas, ...profile }) => {
    const edge = edges[setting] ?? (spaceharbor ? forSpaceHarborPx : 0)
    return edge > 0 ? [{ ...profile, canvas: { ...canvas, edge } }] : []
  })

/** What render settings say of outputs, and the numbers that profiles may name. */
export type ProfileSettings = Readonly<Record<NumberSetting, number>> & {
  readonly furtherOutputs?: readonly OutputProfile[]
}

/** The outputs of a frame, the contract's first. */
export const outputsOf = ({
  furtherOutputs = [],
}: Pick<ProfileSettings, "furtherOutputs">): readonly OutputProfile[] => [THUMBNAIL, PROXY, ...furtherOutputs]

/** What the header of a frame says, as a file beside its pictures. */
export const METADATA = {
  name: "metadata",
  suffix: "_metadata.json",
  contentType: "application/json",
  isNotified: false,
} as const satisfies StoredOutput

/** All that is stored of a frame: its pictures, and what its header says where that is asked for. */
export const storedOutputsOf = (
  settings: Pick<ProfileSettings, "furtherOutputs"> & { readonly metadataFile?: true },
): readonly StoredOutput[] => [...outputsOf(settings), ...(settings.metadataFile ? [METADATA] : [])]

/** Every output that settings can switch on, whether they do or not. */
export const ALL_OUTPUTS: readonly Pick<StoredOutput, "name" | "suffix">[] = [
  THUMBNAIL,
  PROXY,
  ...FURTHER_PROFILES,
  METADATA,
]

/**
 * What is stored after all else, in this order. The thumbnail comes last of the pictures, because who finds it takes them to be
 * there. SpaceHarbor's poller is done with a frame as soon as it finds still, thumbnail or metadata, and keeps for ever which
 * of the first two were there: the still goes first, so that it never keeps a frame without a proxy, and nothing between
 * the two, so that the moment in which it would keep one without a thumbnail is as short as one PUT. The metadata follow:
 * of them it keeps nothing, and whoever asks a moment too early asks again.
 */
const LAST: readonly string[] = ["still", THUMBNAIL.name, METADATA.name]

/** In the order in which they are stored. */
export const storedInOrder = <T extends { readonly name: string }>(outputs: readonly T[]): readonly T[] =>
  outputs.toSorted((one, other) => LAST.indexOf(one.name) - LAST.indexOf(other.name))

export const numberOf = (amount: Amount, settings: ProfileSettings): number =>
  typeof amount === "number" ? amount : settings[amount]

/** One thing for each output, by the profile's name; the contract's are always there. */
export type ByProfile<T> = Readonly<Record<"thumbnail" | "proxy", T>> & { readonly [name: string]: T | undefined }

/** What was made for each output of a list that has the contract's two. */
export const byProfile = <T>(entries: Iterable<readonly [name: string, made: T]>): ByProfile<T> =>
  Object.fromEntries(entries) as ByProfile<T>
