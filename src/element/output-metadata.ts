import { unescape as unescaped } from "node:querystring"
import type { Output, ProxyMade } from "../events/records.generated.ts"
import { plausibleMs } from "../events/time.ts"
import { isFields } from "../system/json.ts"
import { recentMap } from "../system/recent-map.ts"
import { packed, packedIn, unpacked } from "./packed-details.ts"
import { type OutputProfile, PROXY, THUMBNAIL } from "./profiles.ts"

/**
 * What the outputs say of themselves: enough to know whether they are current, whose they are, and to rebuild the facts
 * without rendering. All outputs of a frame carry the same.
 */
export type Made = Pick<
  ProxyMade,
  | "renderKey"
  | "selection"
  | "colorspace"
  | "thumbnail"
  | "proxy"
  | "route"
  | "recipe"
  | "toolVersions"
  | "timingsMs"
  | "nonFiniteCount"
  | "allBlack"
  | "warnings"
  | "generatedAtUs"
  | "processingTimeSeconds"
  | "generatorVersion"
  | "logicalTimeMs"
  | "contentHash"
  | "contentSha256"
  | "pictureKey"
  | "furtherOutputs"
  | "depth"
  | "allChannels"
  | "nearlyBlack"
  | "thumbnailHash"
> & {
  readonly elementId: string
  readonly sourceVersion: string
  /** File name of the source: the owner of the output's name. */
  readonly sourceName: string
  /** The pictures were copied from outputs of the same picture, not rendered. */
  readonly copied: boolean
}

type HeldOutputs = Pick<ProxyMade, "thumbnail" | "proxy" | "furtherOutputs">

/** One output for each profile, as facts hold them: the contract's two in their own fields, all others in a list. */
export const heldOutputs = (
  profiles: readonly OutputProfile[],
  outputOf: (profile: OutputProfile) => Output,
): HeldOutputs => ({
  thumbnail: outputOf(THUMBNAIL),
  proxy: outputOf(PROXY),
  furtherOutputs: profiles
    .filter(({ name }) => name !== THUMBNAIL.name && name !== PROXY.name)
    .map((profile) => ({ name: profile.name, isNotified: profile.isNotified, output: outputOf(profile) })),
})

/** The output of that profile; null where none was made. */
export function outputNamed({ thumbnail, proxy, furtherOutputs }: HeldOutputs, name: string): Output | null {
  if (name === THUMBNAIL.name) return thumbnail
  if (name === PROXY.name) return proxy
  return furtherOutputs.find((further) => further.name === name)?.output ?? null
}

/** Where an output is, as facts tell it. */
export type OutputPlace = Pick<Output, "key" | "bucket">

/** The same outputs in other places; those without a place are left out. */
export const movedOutputs = (
  { thumbnail, proxy, furtherOutputs }: HeldOutputs,
  placeOf: (name: string) => OutputPlace | null,
): HeldOutputs => ({
  thumbnail: { ...thumbnail, ...placeOf(THUMBNAIL.name) },
  proxy: { ...proxy, ...placeOf(PROXY.name) },
  furtherOutputs: furtherOutputs.flatMap((further) => {
    const place = placeOf(further.name)
    return place === null ? [] : [{ ...further, output: { ...further.output, ...place } }]
  }),
})

const MOST_NAME_BYTES = 300

/**
 * As object metadata: ASCII values, under 2 KB together. Where the details do not fit (a very long channel or part name)
 * they are left out: such outputs are rendered again on a repeat instead of being reused, which costs time, never truth.
 */
export function madeToMetadata(made: Made): Record<string, string> {
  const { renderKey, elementId, sourceVersion, sourceName, furtherOutputs, ...rest } = made
  const { contentSha256, ...usual } = furtherOutputs.length === 0 ? rest : { ...rest, furtherOutputs }
  const said = contentSha256 === null ? usual : { ...usual, contentSha256 }
  return {
    "render-key": renderKey,
    "element-id": elementId,
    "source-version": encodeURIComponent(sourceVersion),
    "source-name": ownerName(sourceName),
    "made-at": String(Math.ceil(made.generatedAtUs / 1000)),
    ...packed(JSON.stringify(said)),
  }
}

/** Percent signs that encode nothing: not written by us. */
const MALFORMED = /%(?![0-9A-Fa-f]{2})/

/** File name of the source as the metadata spells it: percent-encoded ASCII, cut so that it always fits. */
export const ownerName = (sourceName: string): string =>
  encodeURIComponent(sourceName.toWellFormed()).slice(0, MOST_NAME_BYTES)

/** The file name that an owner's spelling stands for; null for one that was cut because it was too long. */
export function fileNameOfOwner(owner: string): string | null {
  if (MALFORMED.test(owner) || owner.length >= MOST_NAME_BYTES) return null
  try {
    return decodeURIComponent(owner)
  } catch {
    return null
  }
}

/** Who owns an output's name, or null when it does not say (not made by us, or metadata was lost). */
export const ownerOf = (metadata: Readonly<Record<string, string>>): string | null => metadata["source-name"] ?? null

/**
 * Whether we made this of the source of that name, without doubt: a name that had to be cut may be that of several.
 */
export const isOutputOf = (metadata: Readonly<Record<string, string>>, sourceName: string): boolean =>
  ["render-key", "element-id", "source-version"].every((name) => metadata[name] !== undefined) &&
  ownerOf(metadata) === ownerName(sourceName) &&
  ownerName(sourceName).length < MOST_NAME_BYTES

/** Which picture an output shows: of which version of its source, by which renderKey; null where it does not say so. */
export function pictureIn(
  metadata: Readonly<Record<string, string>>,
): { readonly sourceVersion: string; readonly renderKey: string } | null {
  const { "render-key": renderKey, "source-version": version } = metadata
  if (renderKey === undefined || version === undefined || MALFORMED.test(version)) return null
  return { sourceVersion: unescaped(version), renderKey }
}

/** What the outputs say; null when they do not say it, or not in a form that this version writes. */
export function madeFromMetadata(metadata: Readonly<Record<string, string>>, sourceName: string): Made | null {
  const details = detailsIn(metadata)
  const { "render-key": renderKey, "element-id": elementId, "source-version": version } = metadata
  if (details === null || renderKey === undefined || elementId === undefined || version === undefined) return null
  if (MALFORMED.test(version)) return null
  if (ownerOf(metadata) !== ownerName(sourceName)) return null
  const { logicalTimeMs = null, contentHash = null, pictureKey = null, copied = false } = details
  const { contentSha256 = null } = details
  const { depth = null, allChannels = null, nearlyBlack = false, thumbnailHash = null } = details
  return {
    ...details,
    // Outputs of an older version lack what came later.
    logicalTimeMs,
    contentHash,
    contentSha256,
    pictureKey,
    copied,
    ...{ depth, allChannels, nearlyBlack, thumbnailHash },
    thumbnail: inBucket(details.thumbnail),
    proxy: inBucket(details.proxy),
    furtherOutputs: (details.furtherOutputs ?? []).map(({ output, ...named }) => ({
      ...named,
      output: inBucket(output),
    })),
    renderKey,
    elementId,
    sourceVersion: unescaped(version),
    sourceName,
  }
}

const inBucket = (output: Output): Output => ({ ...output, bucket: output.bucket ?? null })

/**
 * When outputs were made, epoch milliseconds, rounded up; 0 where they do not tell. Stands by itself, because the outputs
 * may be anybody's and their details may have been too long; those of an older version have it among the details alone.
 */
export function madeAtMs(metadata: Readonly<Record<string, string>>): number {
  const stated = metadata["made-at"]
  if (stated !== undefined) return /^\d{1,15}$/.test(stated) ? plausibleMs(Number(stated)) : 0
  const details = detailsIn(metadata)
  return plausibleMs(Math.ceil(Number(details?.generatedAtUs ?? 0) / 1000))
}

type Details = Omit<Made, "renderKey" | "elementId" | "sourceVersion" | "sourceName">

/** Details that were asked for lately: making a movie asks for those of each frame several times. */
const latest = recentMap<Details | null>(1024)

/** What we write is shorter; metadata is anybody's to write. */
const MOST_KEPT_CHARACTERS = 8192

function detailsIn(metadata: Readonly<Record<string, string>>): Details | null {
  const entry = packedIn(metadata)
  if (entry === null) return null
  const name = JSON.stringify(entry)
  const known = latest.get(name)
  if (known !== undefined) return known
  const details = readAnew(entry)
  if (name.length <= MOST_KEPT_CHARACTERS) latest.set(name, details)
  return details
}

/** Object metadata is anybody's to write: what does not inflate or parse is simply not ours. */
function readAnew(entry: Readonly<Record<string, string>>): Details | null {
  try {
    const value: unknown = JSON.parse(unpacked(entry))
    return looksLikeDetails(value) ? value : null
  } catch {
    return null
  }
}

const looksLikeDetails = (value: unknown): value is Details =>
  isFields(value) &&
  ["selection", "colorspace", "thumbnail", "proxy", "toolVersions"].every((name) => isFields(value[name])) &&
  typeof value.generatedAtUs === "number" &&
  (value.furtherOutputs === undefined || (Array.isArray(value.furtherOutputs) && value.furtherOutputs.every(isNamed)))

const isNamed = (value: unknown): boolean =>
  isFields(value) && typeof value.name === "string" && typeof value.isNotified === "boolean" && isFields(value.output)
