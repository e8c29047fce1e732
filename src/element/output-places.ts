import { outputsFolderBeside, splitBucketAndKey } from "./key.ts"

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
