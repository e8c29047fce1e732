import { HeadBucketCommand, type S3Client } from "@aws-sdk/client-s3"
import { failure } from "../../events/failure.ts"
import { failed, type Result } from "../../events/result.ts"
import type { LeastPace } from "../../network/transfer-pace.ts"
import type { Clock } from "../../system/clock.ts"
import type { ObjectRef } from "../index.ts"
import { classify, statusOf } from "./failure.ts"
import { whatOf } from "./keys.ts"

/** One connected S3, and when each bucket last proved that our credentials are good, on the steady clock. */
export type Session = {
  readonly client: S3Client
  /** The store in sentences. */
  readonly server: string
  readonly clock: Clock
  /** How fast a body has to come. */
  readonly pace: LeastPace
  /** The store's own clock (store-clock.ts). */
  readonly nowMs: () => number
  readonly provenAtMs: Map<string, number>
  /** Whether one answer of this server may speak of two versions (gateway.ts). */
  readonly isPiecewise: () => boolean
}

/** What a failure is told of: `what` begins its sentence. */
type Asked = { readonly bucket: string; readonly what: string; readonly signal?: AbortSignal | undefined }

export const asked = (ref: ObjectRef, signal?: AbortSignal): Asked => ({
  bucket: ref.bucket,
  what: whatOf(ref),
  signal,
})

export const stopped = (ref: ObjectRef) => failed(failure("stopped", `${whatOf(ref)}: told to stop.`))

/**
 * Runs `work`; what the store and the network throw comes back as a failure. Where a 500 or a silence may be one object's
 * or the whole server's, the bucket is asked: if that answers, the object is to blame (transient), else it is an outage.
 */
export async function attemptS3<T>(
  session: Session,
  { bucket, what, signal }: Asked,
  work: () => Promise<Result<T>>,
): Promise<Result<T>> {
  try {
    return await work()
  } catch (error) {
    if (signal?.aborted) return failed(failure("stopped", `${what}: told to stop.`))
    const { failure: found, isUnclear } = classify(error, what, session.server)
    return failed(isUnclear && !(await answers(session, bucket)) ? awayOf(found.says) : found)
  }
}

const awayOf = (says: string) => failure("store/unreachable", `${says} The S3 store itself does not answer either.`)

/** Whether the server answers at all: a refusal is an answer. */
async function answers({ client }: Session, Bucket: string): Promise<boolean> {
  try {
    await client.send(new HeadBucketCommand({ Bucket }))
    return true
  } catch (error) {
    const status = statusOf(error)
    return status !== null && status < 500
  }
}
