import { ListBucketsCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3"
import { type Failure, failure } from "../../events/failure.ts"
import type { S3Connection } from "./client.ts"
import { classify, codeOf, isForeign } from "./failure.ts"
import { bucketWhat, isBucketName } from "./keys.ts"
import type { Session } from "./session.ts"

type Checked = S3Connection & { readonly buckets: readonly string[] }

/** Null when server, credentials and buckets are usable; else which setting is wrong. Returns within `startMs`. */
export async function checkAccess(session: Session, options: Checked): Promise<Failure | null> {
  const tooLate = new AbortController()
  const { startMs } = options.timeouts
  const late = session.clock.sleep(startMs, tooLate.signal).then(() => silence(options))
  try {
    return await Promise.race([check(session, options), late])
  } finally {
    tooLate.abort()
  }
}

async function check(session: Session, options: Checked): Promise<Failure | null> {
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
async function tryOut({ client, server }: Session, options: Checked, bucket: string | null): Promise<Failure | null> {
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

const storeWhat = ({ endpoint }: Checked, article = "The"): string =>
  `${article} S3 store${endpoint === null ? "" : ` at ${new URL(endpoint).host}`} (S3_ENDPOINT)`

const notS3 = (what: string): Failure =>
  failure("config/invalid", `${what} does not answer as an S3 does: something else listens there.`)

const silence = (options: Checked): Failure =>
  failure(
    "store/unreachable",
    `${storeWhat(options)} did not answer within ${options.timeouts.startMs / 1000} s: check the address and the network.`,
  )
