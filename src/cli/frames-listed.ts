// The frames of a sequence one by one, as the manifest beside its movie lists them. No source and no log is read for it.

import { outputAt } from "../element/output-places.ts"
import type { ObjectStore } from "../store/index.ts"
import { isFields, jsonOf } from "../system/json.ts"
import type { SequenceRow } from "../table/sequence-rows.ts"

/** A frame that is made: its file, which version of it, and the hashes of its bytes. */
export type ListedFrame = {
  readonly frame: number
  readonly key: string
  readonly sourceVersion: string | null
  /** XXH3-128, 32 hex digits; null where it was not known, as the next one. */
  readonly contentHash: string | null
  readonly contentSha256: string | null
}

/** More than a manifest of a million frames takes; what is larger is none. */
const MOST_BYTES = 2 ** 30

/** What is wrong with a manifest that cannot be had, is another revision's or none of ours is a sentence. */
export type FramesListed = { readonly frames: readonly ListedFrame[] } | { readonly problem: string }

/** null where the sequence has no movie. */
export async function framesListed(
  { bucket, manifest_key: address, revision }: Pick<SequenceRow, "bucket" | "manifest_key" | "revision">,
  { store }: { readonly store: Pick<ObjectStore, "head" | "readRange"> },
): Promise<FramesListed | null> {
  if (address === null) return null
  const ref = outputAt(bucket, address)
  const head = await store.head(ref)
  if (!head.ok) return { problem: head.failure.says }
  const { sizeBytes, etag } = head.value
  if (sizeBytes === 0 || sizeBytes > MOST_BYTES) return unlike(ref.key, "is empty, or larger than any manifest")
  const bytes = await store.readRange(ref, { start: 0, end: sizeBytes, ifMatch: etag })
  if (!bytes.ok) return { problem: bytes.failure.says }
  // Objects are anybody's to write.
  const manifest = jsonOf(Buffer.from(bytes.value).toString("utf8"), isFields)
  if (manifest === null || !Array.isArray(manifest.frames)) return unlike(ref.key, "is no manifest")
  if (manifest.revision !== revision) return unlike(ref.key, "is of another revision than the table")
  const frames = manifest.frames.map(listedFrame)
  return frames.every((frame) => frame !== null) ? { frames } : unlike(ref.key, "lists what is no frame")
}

const unlike = (key: string, says: string): FramesListed => ({ problem: `${key} ${says}.` })

function listedFrame(raw: unknown): ListedFrame | null {
  const { frame, key, sourceVersion, contentHash, contentSha256 } = isFields(raw) ? raw : {}
  if (typeof frame !== "number" || !Number.isSafeInteger(frame) || typeof key !== "string") return null
  return {
    frame,
    key,
    sourceVersion: typeof sourceVersion === "string" ? sourceVersion : null,
    contentHash: hexOf(contentHash, 32),
    contentSha256: hexOf(contentSha256, 64),
  }
}

const hexOf = (raw: unknown, digits: number): string | null =>
  typeof raw === "string" && raw.length === digits && /^[0-9a-f]*$/.test(raw) ? raw : null
