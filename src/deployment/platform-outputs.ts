import type { Config } from "../config/index.ts"
import { outputsAddress } from "../config/table-folder.ts"
import type { OutputsBase } from "../element/output-places.ts"
import { failure } from "../events/failure.ts"
import { done, failed, type Result } from "../events/result.ts"

/** Where outputs of a stream deployment go; null for beside the sources. Fails: config/invalid. */
export function platformOutputs({
  outputs,
  s3Buckets,
}: Pick<Config, "outputs" | "s3Buckets">): Result<OutputsBase | null> {
  if (outputs === null) return done(null)
  const place = outputsAddress(outputs)
  if (place === null)
    return failed(
      failure("config/invalid", `OIIO_OUTPUTS: ${outputs} is a folder; on servers write s3://bucket/prefix.`),
    )
  if (place.prefix === "" && s3Buckets.includes(place.bucket))
    return failed(
      failure(
        "config/invalid",
        `OIIO_OUTPUTS: the whole bucket ${place.bucket} is for outputs, but S3_BUCKETS takes sources from it: add a prefix, or name another bucket.`,
      ),
    )
  return done(place)
}

/** Buckets that must be there: of the sources, where they are known, and of the outputs. */
export const neededBuckets = ({ s3Buckets }: Pick<Config, "s3Buckets">, outputs: OutputsBase | null): string[] => [
  ...new Set([...s3Buckets, ...(outputs === null ? [] : [outputs.bucket])]),
]
