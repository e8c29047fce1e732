import { fileNameOf, folderOf, stemOf } from "../../src/element/key.ts"
import {
  fileNameOfOwner,
  type Made,
  madeAtMs,
  madeFromMetadata,
  ownerName,
  ownerOf,
} from "../../src/element/output-metadata.ts"
import { type OutputsBase, type OutputsFor, outputFolderOf } from "../../src/element/output-places.ts"
import { assetIdOf } from "../../src/events/identity.ts"
import { done, type Result } from "../../src/events/result.ts"
import { latestOf } from "../../src/events/time.ts"
import type { OutputsAt } from "../../src/known-outputs/index.ts"
import type { ObjectHead, ObjectRef, ObjectStore } from "../../src/store/index.ts"

export type OutputNames = OutputsAt

/** What is there under two names now. */
export type Claim = {
  readonly names: OutputNames
  readonly thumbnail: ObjectHead | null
  readonly proxy: ObjectHead | null
}

/**
 * Names by preference: the contract's ({dir}/.proxies/{stem}_thumb.jpg, _proxy.mp4); for a sibling that comes second to a
 * stem, the full file name; and should even that be another source's stem (a.dpx beside a.dpx.exr), the name with a hash.
 */
export function candidateNames(key: string, base: OutputsBase): readonly OutputNames[] {
  const file = fileNameOf(key)
  const folder = outputFolderOf(base, key)
  const named = (name: string): OutputNames => ({
    bucket: base.bucket,
    thumbnail: `${folder}${name}_thumb.jpg`,
    proxy: `${folder}${name}_proxy.mp4`,
  })
  return [named(stemOf(key)), named(file), named(`${file}.${assetIdOf(key)}`)]
}

type Asking = { readonly store: ObjectStore; readonly outputsFor: OutputsFor }

/** The first name that nobody else holds. A holder whose source is gone holds nothing. */
export async function claimOutputs({ store, outputsFor }: Asking, ref: ObjectRef): Promise<Result<Claim>> {
  for (const names of candidateNames(ref.key, outputsFor(ref.bucket))) {
    const claim = await look(store, names)
    if (!claim.ok) return claim
    const taken = await heldByAnother(store, ref, claim.value)
    if (!taken.ok) return taken
    if (!taken.value) return claim
  }
  throw new Error("outputs: a name with the key's own hash cannot be held by another key")
}

/** What is there under both names. */
export async function look(store: ObjectStore, names: OutputNames): Promise<Result<Claim>> {
  const { bucket } = names
  const proxy = await present(store, { bucket, key: names.proxy })
  if (!proxy.ok) return proxy
  const thumbnail = await present(store, { bucket, key: names.thumbnail })
  return thumbnail.ok ? done({ names, proxy: proxy.value, thumbnail: thumbnail.value }) : thumbnail
}

async function present(store: ObjectStore, ref: ObjectRef): Promise<Result<ObjectHead | null>> {
  const head = await store.head(ref)
  return head.ok || head.failure.code !== "store/missing" ? head : done(null)
}

async function heldByAnother(store: ObjectStore, ref: ObjectRef, claim: Claim): Promise<Result<boolean>> {
  const owners = [claim.proxy, claim.thumbnail].flatMap((head) => (head === null ? [] : (ownerOf(head.metadata) ?? [])))
  const mine = ownerName(fileNameOf(ref.key))
  for (const owner of owners) {
    if (owner === mine) continue
    const file = fileNameOfOwner(owner)
    if (file === null) return done(true)
    const source = await present(store, { bucket: ref.bucket, key: folderOf(ref.key) + file })
    if (!source.ok) return source
    if (source.value !== null) return done(true)
  }
  return done(false)
}

/** When the outputs under these names were made, whoever's they are, epoch milliseconds; 0 where they tell nothing. */
export const madeBeforeMs = ({ proxy, thumbnail }: Claim): number =>
  latestOf(...[proxy, thumbnail].map((head) => (head === null ? 0 : madeAtMs(head.metadata))))

/** What the outputs say they are, when thumbnail and proxy are whole and agree; else null. */
export function madeOf(claim: Claim, key: string): Made | null {
  if (claim.proxy === null || claim.thumbnail === null) return null
  const made = madeFromMetadata(claim.proxy.metadata, fileNameOf(key))
  const twin = madeFromMetadata(claim.thumbnail.metadata, fileNameOf(key))
  if (made === null || twin === null) return null
  const agree =
    made.renderKey === twin.renderKey && made.elementId === twin.elementId && made.generatedAtUs === twin.generatedAtUs
  const whole = made.proxy.sizeBytes === claim.proxy.sizeBytes && made.thumbnail.sizeBytes === claim.thumbnail.sizeBytes
  return agree && whole ? made : null
}

/** What outputs say they are, whosever they are. */
export function madeByAnyone(claim: Claim): Made | null {
  const owner = claim.proxy === null ? null : ownerOf(claim.proxy.metadata)
  const file = owner === null ? null : fileNameOfOwner(owner)
  return file === null ? null : madeOf(claim, file)
}
