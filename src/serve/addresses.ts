/** Addresses that end: signed by the store where it can, else by this server, which answers them itself. */

import { timingSafeEqual } from "node:crypto"
import { hasDotSegment, isOutput } from "../element/key.ts"
import { outputAt } from "../element/output-places.ts"
import type { Failure } from "../events/result.ts"
import type { ObjectRef } from "../store/index.ts"
import { type RecentMap, recentMap } from "../system/recent-map.ts"
import type { ServeMetrics } from "./metrics.ts"
import type { Opened, Ports } from "./ports.ts"

export type Address = { readonly url: string; readonly expires_at: string }

/** picture: thumbnails, posters, scrub sheets and what belongs to them. movie: proxies, movies and their copies. */
export type AddressKind = "picture" | "movie"

export type Addresses = {
  /** null for what may not be signed, or has no address. Fails as the store does where credentials cannot be had. */
  readonly of: (ref: ObjectRef, kind: AddressKind) => Promise<Address | null>
  /** As `of`, of what a row names; null for null. */
  readonly at: (bucket: string, address: string | null, kind: AddressKind) => Promise<Address | null>
}

/** Objects that addresses may be given for: outputs in the configured buckets and prefixes, sources where a setting says so. */
export function maySign(
  { config, buckets, outputs }: Pick<Opened, "config" | "buckets" | "outputs">,
  { bucket, key }: ObjectRef,
): boolean {
  if (!key.isWellFormed() || hasDotSegment(key)) return false
  const isKnown = buckets.includes(bucket) || bucket === outputs?.bucket
  const isAllowed = isOutput(key) || (config.serveSources && buckets.includes(bucket))
  const { servePrefixes } = config
  const begins = servePrefixes.length === 0 || servePrefixes.some((prefix) => `${bucket}/${key}`.startsWith(prefix))
  return isKnown && isAllowed && begins
}

/** Path that this server answers signed addresses at. */
export const MEDIA = "/media"

/** An address stays the same for this part of its time, so that browsers keep what they have; the rest is left at least. */
const STEPS = 5

const MOST_KEPT = 50_000

type Kept = { readonly address: Address; readonly untilMs: number }

export function openAddresses(ports: Pick<Ports, "opened" | "note">, metrics: Pick<ServeMetrics, "signed">): Addresses {
  const kept: RecentMap<Kept> = recentMap(MOST_KEPT)
  const of: Addresses["of"] = async (ref, kind) => {
    const opened = ports.opened()
    const { serveThumbnailSeconds, serveMovieSeconds } = opened.config
    const seconds = kind === "movie" ? serveMovieSeconds : serveThumbnailSeconds
    if (!maySign(opened, ref)) return null
    if (opened.mediaKey !== null) {
      metrics.signed("made")
      return mediaAddress(opened, ref, seconds)
    }
    const nowMs = opened.clock.nowMs()
    const name = `${seconds} ${ref.bucket}/${ref.key}`
    const known = kept.get(name)
    if (known !== undefined && known.untilMs > nowMs) {
      metrics.signed("kept")
      return known.address
    }
    const signed = await opened.store.sign?.(ref, { seconds })
    if (signed === undefined) return null
    if (!signed.ok) return unsigned(signed.failure, ports)
    metrics.signed("made")
    const address = { url: signed.value.url, expires_at: new Date(signed.value.expiresAtMs).toISOString() }
    kept.set(name, { address, untilMs: nowMs + (seconds * 1000) / STEPS })
    return address
  }
  return {
    of,
    at: async (bucket, address, kind) => (address === null ? null : of(outputAt(bucket, address), kind)),
  }
}

/** A row is of use without its pictures: what is away is told by /readyz. */
function unsigned(failure: Failure, { note }: Pick<Ports, "note">): null {
  note(failure)
  return null
}

const signedText = ({ bucket, key }: ObjectRef, expires: number): string => JSON.stringify([bucket, key, expires])

function mediaAddress({ mediaKey, clock }: Opened, ref: ObjectRef, seconds: number): Address {
  const step = Math.max(1, Math.floor(seconds / STEPS))
  const expires = Math.floor(clock.nowMs() / 1000 / step) * step + seconds
  const path = [ref.bucket, ...ref.key.split("/")].map(encodeURIComponent).join("/")
  const signature = mediaKey?.sign(signedText(ref, expires)) ?? ""
  return {
    url: `${MEDIA}/${path}?expires=${expires}&signature=${signature}`,
    expires_at: new Date(expires * 1000).toISOString(),
  }
}

/** What an address that this server signed is of; else why it is refused. */
export type Shown = "good" | "expired" | "altered"

export function checkAddress(
  { mediaKey, clock }: Pick<Opened, "mediaKey" | "clock">,
  ref: ObjectRef,
  { expires, signature }: { readonly expires: number; readonly signature: string },
): Shown {
  if (mediaKey === null || !ref.key.isWellFormed()) return "altered"
  const right = Buffer.from(mediaKey.sign(signedText(ref, expires)))
  const given = Buffer.from(signature)
  if (given.length !== right.length || !timingSafeEqual(given, right)) return "altered"
  return clock.nowMs() < expires * 1000 ? "good" : "expired"
}
