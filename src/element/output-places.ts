/** Where the outputs of a frame are, and what they are called. */
import { assetIdOf } from "../events/identity.ts"
import { fileNameOf, OUTPUTS_FOLDER, outputsFolderBeside, splitBucketAndKey, stemOf } from "./key.ts"
import type { OutputProfile } from "./profiles.ts"

/** Where outputs of a bucket's sources go: below `prefix` of `bucket`; it is empty or ends with a slash. */
export type OutputsBase = { readonly bucket: string; readonly prefix: string }

/** Where outputs of each bucket go. */
export type OutputsFor = (bucket: string) => OutputsBase

type Ref = { readonly bucket: string; readonly key: string }

/** The contract's place: in `.proxies/` beside each source. */
export const besideSources: OutputsFor = (bucket) => ({ bucket, prefix: "" })

/**
 * All outputs below one place, which holds a folder for each bucket of sources, so that two buckets never meet; without a
 * place beside the sources.
 */
export const mirroredBelow = (place: OutputsBase | null): OutputsFor =>
  place === null ? besideSources : (bucket) => ({ bucket: place.bucket, prefix: `${place.prefix}${bucket}/` })

/** Whether an object lies where outputs of all buckets go: whatever it is called, it is no source. */
export function isBelowOutputs(outputsFor: OutputsFor, { bucket, key }: Ref): boolean {
  const base = outputsFor(bucket)
  const own = `${bucket}/`
  return base.bucket === bucket && base.prefix.endsWith(own) && key.startsWith(base.prefix.slice(0, -own.length))
}

/** The folder that holds the outputs of this source, with its slash. */
export const outputFolderOf = ({ prefix }: OutputsBase, sourceKey: string): string =>
  `${prefix}${outputsFolderBeside(sourceKey)}`

/** What the outputs of one frame are called: each has its profile's suffix behind the stem. */
export type OutputNames = {
  readonly bucket: string
  /** Folder of the outputs and beginning of their file names. */
  readonly stem: string
}

type Suffixed = Pick<OutputProfile, "suffix">

export const outputRef = ({ bucket, stem }: OutputNames, { suffix }: Suffixed): Ref => ({ bucket, key: stem + suffix })

/** The names to which the output of this profile belongs; null where it is not called like one. */
export const namesOfOutput = ({ bucket, key }: Ref, { suffix }: Suffixed): OutputNames | null =>
  key.endsWith(suffix) ? { bucket, stem: key.slice(0, -suffix.length) } : null

/**
 * Whether these are the names that the contract gives the outputs of this source, not those of a sibling that came
 * second.
 */
export const areContractNames = ({ stem }: OutputNames, sourceKey: string): boolean =>
  `/${stem}`.endsWith(`/${OUTPUTS_FOLDER}/${stemOf(sourceKey)}`)

/**
 * Names by preference: the contract's ({dir}/.proxies/{stem}_thumb.jpg, _proxy.mp4); for a sibling that comes second to a
 * stem, the full file name; and should even that be another source's stem (a.dpx beside a.dpx.exr), the name with a hash.
 */
export function candidateNames(sourceKey: string, base: OutputsBase): readonly OutputNames[] {
  const file = fileNameOf(sourceKey)
  const folder = outputFolderOf(base, sourceKey)
  return [stemOf(sourceKey), file, `${file}.${assetIdOf(sourceKey)}`].map((name) => ({
    bucket: base.bucket,
    stem: `${folder}${name}`,
  }))
}

const SCHEME = "s3://"

/**
 * How rows name an output: by its key, as the contract has it, where it lies in the bucket of its source; else by its whole
 * address, so that nobody takes another object of the source's bucket for it.
 */
export const outputAddress = (sourceBucket: string, { bucket, key }: { bucket: string | null; key: string }): string =>
  (bucket ?? sourceBucket) === sourceBucket && !key.startsWith(SCHEME)
    ? key
    : `${SCHEME}${bucket ?? sourceBucket}/${key}`

/** The output that a row of a source in this bucket names. */
export function outputAt(sourceBucket: string, address: string): Ref {
  const elsewhere = address.startsWith(SCHEME) ? splitBucketAndKey(address.slice(SCHEME.length)) : null
  return elsewhere ?? { bucket: sourceBucket, key: address }
}
