import { hasDotSegment } from "../../element/key.ts"
import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import type { ObjectRef } from "../index.ts"

const MOST_KEY_BYTES = 1024

/** No name that an SDK would take for something else than a bucket (an ARN) and no server for a path. */
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/

/** Keys in a sentence: one line, whatever they hold. */
const quoted = (text: string): string => JSON.stringify(text)

export const whatOf = ({ bucket, key }: ObjectRef): string => `The object ${quoted(key)} of bucket ${quoted(bucket)}`

export const bucketWhat = (bucket: string): string => `The bucket ${quoted(bucket)}`

export const isBucketName = (bucket: string): boolean => BUCKET.test(bucket)

export const checkBucket = (bucket: string): Result<void> =>
  isBucketName(bucket)
    ? done(undefined)
    : failed(failure("store/missing", `${bucketWhat(bucket)} does not exist: no bucket can have that name.`))

/**
 * Refuses names that no S3 holds, and those that walk a tree: a gateway over a file system resolves `..` before it looks
 * which bucket it is in. Doubled and leading slashes are names like any other on AWS; such a gateway lists them folded.
 */
export function checkRef(ref: ObjectRef): Result<ObjectRef> {
  const bucket = checkBucket(ref.bucket)
  if (!bucket.ok) return bucket
  const why = unusable(ref.key)
  return why === null ? done(ref) : failed(failure("store/bad-key", `The key ${quoted(ref.key)} ${why}.`))
}

function unusable(key: string): string | null {
  if (key === "") return "is empty"
  if (!key.isWellFormed()) return "is not valid Unicode"
  if (key.includes("\0")) return "holds a NUL character"
  if (Buffer.byteLength(key) > MOST_KEY_BYTES) return `has more than ${MOST_KEY_BYTES} bytes`
  if (hasDotSegment(key)) return "has a segment that walks a tree instead of naming something"
  return null
}
