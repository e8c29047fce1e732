/**
 * How keys, metadata and tags are spelled in requests to an S3, and how buckets and objects are called in sentences.
 */

import { hasDotSegment } from "../../element/key.ts"
import { done, failed, failure, type Result } from "../../events/result.ts"
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

/**
 * User metadata travels in HTTP headers: printable ASCII, without blanks at its ends. Any other value goes as an RFC 2047
 * encoded word, which is how AWS itself hands out such values; one that already looks like an encoded word is encoded too,
 * so that what comes back is what was given.
 */
const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/
const ENCODED_WORD = /^=\?utf-8\?([bq])\?([!-~]*)\?=$/i

const MOST_METADATA_BYTES = 2048

/** Throws where the encoded values are more than S3 takes: what the caller stores is the caller's to bound. */
export function encodeMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  const encoded = Object.entries(metadata).map(([name, value]) => [name, encodeValue(value)] as const)
  const sizeBytes = encoded.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (sizeBytes > MOST_METADATA_BYTES) throw new RangeError(`more than ${MOST_METADATA_BYTES} bytes of user metadata`)
  return Object.fromEntries(encoded)
}

export const decodeMetadata = (metadata: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), decodeValue(value)]))

const encodeValue = (value: string): string =>
  PLAIN.test(value) && !value.startsWith("=?") ? value : `=?UTF-8?B?${Buffer.from(value).toString("base64")}?=`

/** AWS cuts a long value into several words with blanks between them. */
function decodeValue(value: string): string {
  const words = value.split(" ").map((word) => ENCODED_WORD.exec(word))
  const bytes = words.map((word) => (word === null ? null : bytesOf(word[1] ?? "", word[2] ?? "")))
  return bytes.every((part) => part !== null) ? Buffer.concat(bytes).toString("utf8") : value
}

const bytesOf = (encoding: string, text: string): Buffer =>
  encoding.toLowerCase() === "b"
    ? Buffer.from(text, "base64")
    : Buffer.from(
        text
          .replaceAll("_", " ")
          .replaceAll(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
        "latin1",
      )

/** Object tags as S3 takes them beside a PUT: a query string; undefined for none. */
export function encodeTags(tags: Readonly<Record<string, string>>): string | undefined {
  const pairs = Object.entries(tags).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
  return pairs.length === 0 ? undefined : pairs.join("&")
}

/** A key of a listing that was asked for in URL form; unchanged where the server did not comply. */
export function decodeKey(key: string, encodingType: string | undefined): string {
  if (encodingType?.toLowerCase() !== "url") return key
  try {
    return decodeURIComponent(key.replaceAll("+", " "))
  } catch {
    return key
  }
}
