/** One connection to an S3: its clock, what is known of the server, and how its errors become failures. */

import { Readable } from "node:stream"
import { HeadBucketCommand, type S3Client } from "@aws-sdk/client-s3"
import { failed, failure, type Result } from "../../events/result.ts"
import { plausibleMs } from "../../events/time.ts"
import type { LeastPace } from "../../network/transfer-pace.ts"
import type { Clock } from "../../system/clock.ts"
import { isFields } from "../../system/json.ts"
import type { ObjectRef } from "../index.ts"
import { classify, statusOf } from "./failure.ts"
import { whatOf } from "./spelling.ts"

/** One connected S3, and when each bucket last proved that our credentials are good, on the steady clock. */
export type Session = {
  readonly client: S3Client
  /** The store in sentences. */
  readonly server: string
  readonly clock: Clock
  /** How fast a body has to come. */
  readonly pace: LeastPace
  /** The store's own clock ({@link listenForTime}). */
  readonly nowMs: () => number
  readonly provenAtMs: Map<string, number>
  /** Whether one answer of this server may speak of two versions ({@link watchForGateway}). */
  readonly isPiecewise: () => boolean
}

/** What a failure is told of: `what` begins its sentence. */
type RequestTarget = { readonly bucket: string; readonly what: string; readonly signal?: AbortSignal | undefined }

export const targetOf = (ref: ObjectRef, signal?: AbortSignal): RequestTarget => ({
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
  { bucket, what, signal }: RequestTarget,
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

/**
 * versitygw looks at a file's size, its attributes and its bytes one after the other, by name: while somebody overwrites
 * the object, one answer may speak of two versions. Two answers in a row that agree speak of one.
 */
const PIECEWISE = /^versitygw/i

/** Calls `heard` once a server has called itself by a name that we know for that. */
export function watchForGateway(client: S3Client, heard: () => void): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args)
      if (PIECEWISE.test(headerOf(answer.response, "server"))) heard()
      return answer
    },
    // Next to the wire, so that refusals are heard as well.
    { step: "deserialize", priority: "low", name: "watchForGateway" },
  )
}

/** A header of an HTTP answer, empty where there is none. Names are lower-case. */
function headerOf(response: unknown, name: string): string {
  const headers = isFields(response) && isFields(response.headers) ? response.headers : {}
  const value = headers[name]
  return typeof value === "string" ? value : ""
}

/** `Date` tells whole seconds. */
const SECOND_MS = 1000

/**
 * The store's clock, heard in the `Date` of every answer. This machine's own clock is right as far as it agrees with
 * the second that the store names; otherwise it is corrected until it does.
 */
export function listenForTime(client: S3Client, clock: Clock): () => number {
  let aheadMs = 0
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args)
      aheadMs = corrected(aheadMs, Date.parse(headerOf(answer.response, "date")), clock.nowMs())
      return answer
    },
    // Next to the wire, so that refusals are heard as well.
    { step: "deserialize", priority: "low", name: "listenForTime" },
  )
  return () => clock.nowMs() + aheadMs
}

/**
 * How far the store's clock is ahead of ours, after an answer at our `nowMs` that names the second from `secondMs` on. A
 * time that no fact can hold says nothing, as does none.
 */
export const corrected = (aheadMs: number, secondMs: number, nowMs: number): number =>
  plausibleMs(secondMs) !== secondMs
    ? aheadMs
    : Math.min(Math.max(aheadMs, secondMs - nowMs), secondMs + SECOND_MS - 1 - nowMs)

/**
 * The body of an answer as a stream of this platform; none when it is empty. To be called as soon as the answer is
 * there: a connection that breaks before somebody reads would otherwise be nobody's error and end the process. Whoever
 * reads it meets the error all the same.
 */
export function bodyOf(body: unknown): Readable {
  const stream = body instanceof Readable ? body : Readable.from([])
  return stream.on("error", () => undefined)
}
