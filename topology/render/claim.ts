// Names of outputs: what is there under them now, whose it is, and what outputs say of the element they are for.

import { fileNameOf, folderOf, stemOf } from "../../src/element/key.ts"
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
import {
  areContractNames,
  candidateNames,
  type OutputNames,
  type OutputsFor,
  outputRef,
} from "../../src/element/output-places.ts"
import { type ByProfile, byProfile, type OutputProfile, storedInOrder, THUMBNAIL } from "../../src/element/profiles.ts"
import { done, type Failure, type Result } from "../../src/events/result.ts"
import { latestOf } from "../../src/events/time.ts"
import type { ObjectHead, ObjectRef, ObjectStore } from "../../src/store/index.ts"
import type { Decided } from "./detect-colorspace.ts"
import { versionWarnings } from "./fetch-source.ts"
import type { SourceLocated } from "./locate-source.ts"

/** What is there under the name of one output; null where nothing is. */
export type ClaimedOutput = {
  readonly profile: OutputProfile
  readonly ref: ObjectRef
  readonly head: ObjectHead | null
}

/** The names of one frame's outputs, and what is there under each. */
export type Claim = {
  readonly names: OutputNames
  /** In the order in which they are stored. */
  readonly outputs: readonly ClaimedOutput[]
}

type ClaimPorts = { readonly store: ObjectStore; readonly profiles: readonly OutputProfile[] }

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

type Naming = Pick<SourceLocated, "ref" | "claim">

type PictureOfSource = Decided & Pick<Made, "pictureKey">

/** Later than the outputs that were there before, and than all that the arrival knew: the row that tells of them is newer. */
const generatedAtUs = ({ logicalTimeMs }: Pick<SourceLocated, "logicalTimeMs">, nowMs: number): number =>
  latestOf(nowMs, logicalTimeMs) * 1000

/** What outputs say of the element they are for, whether they were rendered for it or copied. */
export function madeFor(state: PictureOfSource, nowMs: number) {
  const { element, renderKey, source, ref, selection, colorspace, logicalTimeMs, contentHash, pictureKey } = state
  return {
    elementId: element.elementId,
    renderKey,
    sourceVersion: source.sourceVersion,
    sourceName: fileNameOf(ref.key),
    selection,
    colorspace,
    generatedAtUs: generatedAtUs(state, nowMs),
    logicalTimeMs,
    contentHash,
    pictureKey,
  } satisfies Partial<Made>
}

const NAME_WARNING = "Another source of the same name holds "

/** Somebody who looks for the contract's name must be able to find out why it shows another picture. */
function nameWarning({ ref, claim: { names } }: Naming): string[] {
  return areContractNames(names, ref.key)
    ? []
    : [`${NAME_WARNING}${stemOf(ref.key)}${THUMBNAIL.suffix}, so the outputs carry the full file name.`]
}

/** Each once. Outputs may come from another source: what is true of its name and version alone is left out. */
export function warningsOf(
  state: Naming & Pick<SourceLocated, "source">,
  ...warnings: readonly (readonly string[])[]
): string[] {
  const ofVersions = versionWarnings({ etag: null, versionId: null })
  const isOfPicture = (warning: string): boolean => !(warning.startsWith(NAME_WARNING) || ofVersions.includes(warning))
  return [...new Set([...warnings.flat().filter(isOfPicture), ...nameWarning(state), ...versionWarnings(state.source)])]
}
