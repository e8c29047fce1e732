// What HEAD tells: which version of a source there is, what lies under the names of its outputs, and whose it is.

import { fileNameOf, folderOf } from "../../src/element/key.ts"
import {
  fileNameOfOwner,
  type Made,
  madeAtMs,
  madeFromMetadata,
  type OutputPlace,
  outputNamed,
  ownerName,
  ownerOf,
} from "../../src/element/output-metadata.ts"
import { candidateNames, type OutputNames, type OutputsFor, outputRef } from "../../src/element/output-places.ts"
import { type ByProfile, byProfile, type StoredOutput, storedInOrder } from "../../src/element/profiles.ts"
import { acceptedExtension, CONTRACT_ENDINGS, type Endings, endingsText } from "../../src/element/source.ts"
import { assetIdOf, fileIdOf } from "../../src/events/identity.ts"
import type { Element, Source } from "../../src/events/records.generated.ts"
import { done, type Failure, failed, failure, type Result } from "../../src/events/result.ts"
import { latestOf, mtimeText } from "../../src/events/time.ts"
import { derivedEtag, isDerivedEtag, type ObjectHead, type ObjectRef, type ObjectStore } from "../../src/store/index.ts"

/** What is there under the name of one output; null where nothing is. */
export type ClaimedOutput = {
  readonly profile: StoredOutput
  readonly ref: ObjectRef
  readonly head: ObjectHead | null
}

/** The names of one frame's outputs, and what is there under each. */
export type Claim = {
  readonly names: OutputNames
  /** In the order in which they are stored. */
  readonly outputs: readonly ClaimedOutput[]
}

type ClaimPorts = { readonly store: ObjectStore; readonly profiles: readonly StoredOutput[] }

/** The first names that nobody else holds. A holder whose source is gone holds nothing. */
export async function claimOutputs(
  looking: ClaimPorts & { readonly outputsFor: OutputsFor },
  source: ObjectRef,
): Promise<Result<Claim>> {
  for (const names of candidateNames(source.key, looking.outputsFor(source.bucket))) {
    const claim = await look(looking, names)
    if (!claim.ok) return claim
    const taken = await heldByAnother(looking.store, source, claim.value)
    if (!taken.ok) return taken
    if (!taken.value) return claim
  }
  throw new Error("claim: a name with the key's own hash cannot be held by another key")
}

/** What is there under these names. */
export async function look({ store, profiles }: ClaimPorts, names: OutputNames): Promise<Result<Claim>> {
  const outputs: ClaimedOutput[] = []
  for (const profile of storedInOrder(profiles)) {
    const ref = outputRef(names, profile)
    const head = await present(store, ref)
    if (!head.ok) return head
    outputs.push({ profile, ref, head: head.value })
  }
  return done({ names, outputs })
}

async function present(store: ObjectStore, ref: ObjectRef): Promise<Result<ObjectHead | null>> {
  const head = await store.head(ref)
  return head.ok || head.failure.code !== "store/missing" ? head : done(null)
}

async function heldByAnother(store: ObjectStore, source: ObjectRef, claim: Claim): Promise<Result<boolean>> {
  const owners = headsOf(claim).flatMap(({ metadata }) => ownerOf(metadata) ?? [])
  const mine = ownerName(fileNameOf(source.key))
  for (const owner of owners) {
    if (owner === mine) continue
    const file = fileNameOfOwner(owner)
    if (file === null) return done(true)
    const other = await present(store, { bucket: source.bucket, key: folderOf(source.key) + file })
    if (!other.ok) return other
    if (other.value !== null) return done(true)
  }
  return done(false)
}

const headsOf = ({ outputs }: Claim): readonly ObjectHead[] => outputs.flatMap(({ head }) => head ?? [])

/** When the outputs under these names were made, whoever's they are, epoch milliseconds; 0 where they tell nothing. */
export const madeBeforeMs = (claim: Claim): number =>
  latestOf(0, ...headsOf(claim).map(({ metadata }) => madeAtMs(metadata)))

/** What the outputs say they are, when all are there, whole and agree; else null. */
export function madeOf({ outputs }: Claim, key: string): Made | null {
  const said = outputs.map(({ head }) => (head === null ? null : madeFromMetadata(head.metadata, fileNameOf(key))))
  const [made = null] = said
  if (made === null) return null
  const agree = said.every(
    (other) =>
      other?.renderKey === made.renderKey &&
      other.elementId === made.elementId &&
      other.generatedAtUs === made.generatedAtUs,
  )
  const whole = outputs.every(({ profile, head }) => outputNamed(made, profile.name)?.sizeBytes === head?.sizeBytes)
  return agree && whole ? made : null
}

/** What outputs say they are, whosever they are. */
export function madeByAnyone(claim: Claim): Made | null {
  const head = claim.outputs[0]?.head ?? null
  const owner = head === null ? null : ownerOf(head.metadata)
  const file = owner === null ? null : fileNameOfOwner(owner)
  return file === null ? null : madeOf(claim, file)
}

/** Where an output of a source in this bucket goes, as facts tell it; null where none of that name is claimed. */
export function placeOf(sourceBucket: string, { outputs }: Claim, name: string): OutputPlace | null {
  const ref = outputs.find(({ profile }) => profile.name === name)?.ref
  return ref === undefined ? null : { key: ref.key, bucket: ref.bucket === sourceBucket ? null : ref.bucket }
}

/** Local files of all outputs. */
export type OutputFiles = ByProfile<string>

/** Paths for these outputs: `stem` and each one's suffix. */
export const filesAt = (stem: string, { outputs }: Pick<Claim, "outputs">): OutputFiles =>
  byProfile(outputs.map(({ profile: { name, suffix } }) => [name, stem + suffix]))

/** Fetches all outputs as they were seen, or says why not; then no file is of use. */
export async function fetchOutputs(
  { store }: { readonly store: ObjectStore },
  { outputs }: Claim,
  { files, signal }: { readonly files: OutputFiles; readonly signal: AbortSignal },
): Promise<Failure | null> {
  for (const { profile, head } of outputs) {
    if (head === null) throw new Error("claim: outputs that are not there cannot be fetched")
    const { bucket, key, etag: ifMatch, sizeBytes: maxBytes } = head
    const toFile = files[profile.name] ?? ""
    const fetched = await store.fetch({ bucket, key }, { toFile, ifMatch, maxBytes, signal })
    if (!fetched.ok) return fetched.failure
  }
  return null
}

/** The object that an element is about, as HEAD sees it. */
export type FoundSource = {
  readonly ref: ObjectRef
  readonly head: ObjectHead
  readonly tags: Readonly<Record<string, string>>
}

type StorePort = { readonly store: ObjectStore }
type FindPorts = StorePort & { readonly policy: { readonly endings?: Endings } }

/** HEAD of the element's key, else of its alternative spelling. Fails source/gone, source/unsupported-type, store/*. */
export async function find({ store, policy }: FindPorts, element: Element): Promise<Result<FoundSource>> {
  const keys = [element.key, ...(element.keyAlternative === null ? [] : [element.keyAlternative])]
  for (const key of keys) {
    if (acceptedExtension(key, policy.endings) === null)
      return failed(notASource(key, policy.endings ?? CONTRACT_ENDINGS))
    const ref = { bucket: element.bucket, key }
    const head = await store.head(ref)
    if (!head.ok && head.failure.code === "store/missing") continue
    if (!head.ok) return head
    const tags = head.value.tags === undefined ? await tagsOf(ref, { store }) : done(head.value.tags)
    return tags.ok ? done({ ref, head: head.value, tags: tags.value }) : tags
  }
  return failed(gone(element))
}

const notASource = (key: string, endings: Endings): Failure =>
  failure("source/unsupported-type", `${key} is no ${endingsText(endings)}. The setting sources opens other formats.`)

/** Reading tags is a right of its own on S3; without it the ids and spaces that tags could state come from elsewhere. */
export async function tagsOf(ref: ObjectRef, { store }: StorePort): Promise<Result<Readonly<Record<string, string>>>> {
  const tags = await store.tags(ref)
  const none = !tags.ok && (tags.failure.code === "store/denied" || tags.failure.code === "store/missing")
  return none ? done({}) : tags
}

export const gone = ({ bucket, key }: { readonly bucket: string; readonly key: string }): Failure =>
  failure("source/gone", `s3://${bucket}/${key} no longer exists. Nothing to do unless it should: then put it back.`)

/** What the store says of a source means more here: a lost precondition is a source that moved on. */
export function asSourceFailure(problem: Failure, ref: ObjectRef): Failure {
  if (problem.code === "store/missing") return gone(ref)
  if (problem.code === "store/too-large") return failure("source/too-large", problem.says)
  if (problem.code !== "store/precondition-failed") return problem
  return failure(
    "source/changed",
    `s3://${ref.bucket}/${ref.key} kept changing while it was read; \`failures retry\` tries again.`,
  )
}

/** What a read of this version asks the store to hold it to. */
export const etagOf = (source: Source): string => source.etag ?? derivedEtag(source)

/** What whoever relies on the version must know of it. */
export const versionWarnings = ({ etag, versionId }: Pick<Source, "etag" | "versionId">): readonly string[] =>
  etag === null && versionId === null
    ? [
        "The store states no ETag for this source: its version is LastModified and size, so an overwrite within the same second that keeps the size goes unnoticed.",
      ]
    : []

/** The version that everything after speaks of. */
export function sourceOf(element: Element, { ref, head, tags }: FoundSource): Source {
  const mtime = mtimeText(head.lastModifiedMs)
  return {
    sourceVersion: head.sourceVersion,
    fileId: fileIdOf(ref.key, mtime),
    assetId: element.assetId ?? tags["ah-asset-id"] ?? head.metadata["asset-id"] ?? assetIdOf(ref.key),
    mtime,
    lastModifiedMs: Math.trunc(head.lastModifiedMs),
    sizeBytes: head.sizeBytes,
    etag: isDerivedEtag(head.etag) ? null : head.etag,
    versionId: head.versionId,
  }
}
