import { randomUUID } from "node:crypto"
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3"
import { OUTPUTS_FOLDER } from "../../element/key.ts"
import { done, failed, failure, type Result } from "../../events/result.ts"
import type { Clock } from "../../system/clock.ts"
import { checkAccess } from "./access.ts"
import { openClient, type S3Connection, serverOf } from "./client.ts"
import { statusOf } from "./failure.ts"
import { attemptS3, bodyOf, listenForTime, type Session, targetOf } from "./session.ts"

/** What a bucket that can be read and written does with `If-None-Match: *`, on which claims of output names stand. */
export type BucketFindings = {
  readonly conditions: "honoured" | "ignored" | "unsupported"
  /** How far the store's clock is ahead of ours, milliseconds; `Date` tells whole seconds. */
  readonly aheadMs: number
}

type TryOut = S3Connection & {
  readonly bucket: string
  /** Of the outputs, empty or with a slash at its end. */
  readonly prefix?: string
  readonly clock: Clock
}

/**
 * Writes a small object under `.proxies/` of the bucket, reads it and removes it. Fails as {@link checkAccess} where the
 * bucket cannot be used at all, and where the object can be written, read or removed no more than that.
 */
export async function tryOutBucket(options: TryOut): Promise<Result<BucketFindings>> {
  const { bucket, clock } = options
  const client = await openClient(options)
  const nowMs = listenForTime(client, clock)
  const { pace } = options.timeouts
  const server = serverOf(options)
  const session: Session = { client, server, clock, nowMs, pace, provenAtMs: new Map(), isPiecewise: () => false }
  try {
    const refused = await checkAccess(session, { ...options, buckets: [bucket] })
    if (refused !== null) return failed(refused)
    const conditions = await tryOutProbe(session, bucket, options.prefix ?? "")
    return conditions.ok ? done({ conditions: conditions.value, aheadMs: nowMs() - clock.nowMs() }) : conditions
  } finally {
    client.destroy()
  }
}

/** What the small object holds. */
export const PROBE = "written by `doctor`, may be deleted"

async function tryOutProbe(
  session: Session,
  bucket: string,
  prefix: string,
): Promise<Result<BucketFindings["conditions"]>> {
  const ref = { bucket, key: `${prefix}${OUTPUTS_FOLDER}/.doctor-${randomUUID()}` }
  const target = { Bucket: ref.bucket, Key: ref.key }
  const tried = await attemptS3(session, targetOf(ref), async () => {
    const conditions = await conditionsOf(session, target)
    const { Body } = await session.client.send(new GetObjectCommand(target))
    let read = ""
    for await (const chunk of bodyOf(Body)) read += String(chunk)
    return read === PROBE
      ? done(conditions)
      : failed(failure("store/failed", `${ref.bucket}/${ref.key} was read otherwise than it was written.`))
  })
  // Whatever became of it: an object that is not there is deleted without complaint.
  const removed = await attemptS3(session, targetOf(ref), async () =>
    done(await session.client.send(new DeleteObjectCommand(target))),
  )
  return !tried.ok || removed.ok ? tried : removed
}

type Target = { readonly Bucket: string; readonly Key: string }

/** The second of two writers that both want the name to be free has to be refused. */
async function conditionsOf({ client }: Session, target: Target): Promise<BucketFindings["conditions"]> {
  const put = async (isConditional: boolean): Promise<void> => {
    const condition = isConditional ? { IfNoneMatch: "*" } : {}
    await client.send(new PutObjectCommand({ ...target, Body: PROBE, ContentType: "text/plain", ...condition }))
  }
  try {
    await put(true)
  } catch (error) {
    if (statusOf(error) !== NOT_IMPLEMENTED) throw error
    await put(false)
    return "unsupported"
  }
  try {
    await put(true)
    return "ignored"
  } catch (error) {
    if (statusOf(error) === PRECONDITION_FAILED) return "honoured"
    if (statusOf(error) === NOT_IMPLEMENTED) return "unsupported"
    throw error
  }
}

const NOT_IMPLEMENTED = 501
const PRECONDITION_FAILED = 412
