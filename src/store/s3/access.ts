/** Whether server, credentials and buckets can be used: asked at the start, and learned from refused writes. */

import { ListBucketsCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3"
import { folderOf } from "../../element/key.ts"
import { done, type Failure, failed, failure, type Result } from "../../events/result.ts"
import { type Clock, within } from "../../system/clock.ts"
import type { ObjectRef } from "../index.ts"
import type { S3Connection } from "./client.ts"
import { classify, codeOf, isForeign } from "./failure.ts"
import type { Session } from "./session.ts"
import { bucketWhat, isBucketName } from "./spelling.ts"

type AccessOptions = S3Connection & { readonly buckets: readonly string[] }

/** Null when server, credentials and buckets are usable; else which setting is wrong. Returns within `startMs`. */
export function checkAccess(session: Session, options: AccessOptions): Promise<Failure | null> {
  const late = (): Failure => silence(options)
  return within<Failure | null>({ clock: session.clock, ms: options.timeouts.startMs, late }, check(session, options))
}

async function check(session: Session, options: AccessOptions): Promise<Failure | null> {
  if (options.endpoint !== null && !/^https?:\/\/[^/]/.test(options.endpoint))
    return failure("config/invalid", "S3_ENDPOINT is no http or https address.")
  const wrongName = options.buckets.find((name) => !isBucketName(name))
  if (wrongName !== undefined) return failure("config/invalid", `${bucketWhat(wrongName)} is no name of a bucket.`)
  for (const bucket of options.buckets.length === 0 ? [null] : options.buckets) {
    const refused = await tryOut(session, options, bucket)
    if (refused !== null) return refused
  }
  return null
}

/** Lists, because the answer to a GET says what is wrong; a HEAD of versitygw's calls a wrong access key a missing bucket. */
async function tryOut(
  { client, server }: Session,
  options: AccessOptions,
  bucket: string | null,
): Promise<Failure | null> {
  const what =
    bucket === null
      ? storeWhat(options)
      : `${bucketWhat(bucket)} (S3_BUCKETS, OIIO_OUTPUTS) of ${storeWhat(options, "the")}`
  try {
    return (await answersAsS3(client, bucket)) ? null : notS3(what)
  } catch (error) {
    // Credentials that may not list all buckets are good credentials.
    return bucket === null && codeOf(error) === "AccessDenied" ? null : explained(error, what, server)
  }
}

async function answersAsS3(client: S3Client, bucket: string | null): Promise<boolean> {
  if (bucket === null) {
    const { Buckets, Owner } = await client.send(new ListBucketsCommand({}))
    return Buckets !== undefined || Owner !== undefined
  }
  const { Name } = await client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }))
  return Name !== undefined
}

function explained(error: unknown, what: string, server: string): Failure {
  if (isForeign(error)) return notS3(what)
  const { failure: found, isUnclear } = classify(error, what, server)
  return isUnclear ? failure("store/unreachable", found.says) : found
}

const storeWhat = ({ endpoint }: AccessOptions, article = "The"): string =>
  `${article} S3 store${endpoint === null ? "" : ` at ${new URL(endpoint).host}`} (S3_ENDPOINT)`

const notS3 = (what: string): Failure =>
  failure("config/invalid", `${what} does not answer as an S3 does: something else listens there.`)

const silence = (options: AccessOptions): Failure =>
  failure(
    "store/unreachable",
    `${storeWhat(options)} did not answer within ${options.timeouts.startMs / 1000} s: check the address and the network.`,
  )

/** After so long one object is let through again, to learn from its PUT whether the others may follow. */
const HELD_BACK_MS = 60_000

/** Folders with a denial of their own that are remembered; a forgotten one costs a render. */
const MOST_FOLDERS = 10_000

type WriteAccess = {
  /** Fails store/read-only while the last PUT there was denied. Asks the store nothing and writes nothing. */
  readonly check: (ref: ObjectRef) => Result<void>
  /** What a PUT was answered; a denial holds back all others there until a PUT succeeds. */
  readonly learned: <T>(ref: ObjectRef, stored: Result<T>) => Result<T>
}

type Denial = { readonly failure: Failure; atMs: number }

/**
 * S3 tells only by a PUT whether it may be done. A bucket in which nothing could be stored yet is denied as a whole, so
 * that not every folder renders one picture in vain; in one that has taken something, policies may part its folders.
 */
export function openWriteAccess(clock: Pick<Clock, "steadyMs">): WriteAccess {
  const denials = new Map<string, Denial>()
  const writable = new Set<string>()
  const placeOf = ({ bucket, key }: ObjectRef): string => (writable.has(bucket) ? `${bucket}/${folderOf(key)}` : bucket)
  const deny = (place: string, denial: Denial): void => {
    denials.delete(place)
    denials.set(place, denial)
    const [oldest] = denials.size > MOST_FOLDERS ? denials.keys() : []
    if (oldest !== undefined) denials.delete(oldest)
  }
  return {
    check: (ref) => {
      const denial = denials.get(placeOf(ref))
      const nowMs = clock.steadyMs()
      if (denial === undefined) return done(undefined)
      if (nowMs - denial.atMs < HELD_BACK_MS) return failed(denial.failure)
      // This one alone: the others wait for what its PUT is answered.
      denial.atMs = nowMs
      return done(undefined)
    },
    learned: (ref, stored) => {
      if (stored.ok) {
        writable.add(ref.bucket)
        denials.delete(ref.bucket)
        denials.delete(placeOf(ref))
      }
      if (stored.ok || stored.failure.code !== "store/denied" || stored.failure.kind === "outage") return stored
      const denial = { failure: readOnly(ref, writable.has(ref.bucket)), atMs: clock.steadyMs() }
      deny(placeOf(ref), denial)
      return failed(denial.failure)
    },
  }
}

function readOnly({ bucket, key }: ObjectRef, isFolder: boolean): Failure {
  const where = isFolder ? `below ${JSON.stringify(folderOf(key))} in the bucket` : "in the bucket"
  return failure(
    "store/read-only",
    `Outputs cannot be written ${where} ${JSON.stringify(bucket)}: the S3 store denies PUT with these credentials; allow s3:PutObject and s3:PutObjectTagging there. Nothing is rendered for it until then.`,
  )
}
