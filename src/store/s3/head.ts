import { isDeepStrictEqual } from "node:util"
import { GetObjectCommand, GetObjectTaggingCommand, HeadObjectCommand } from "@aws-sdk/client-s3"
import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import { isDerivedEtag, type ObjectHead, type ObjectRef } from "../index.ts"
import { bodyOf } from "./body.ts"
import { statusOf } from "./failure.ts"
import { whatOf } from "./keys.ts"
import { asked, attemptS3, type Session } from "./session.ts"
import { described } from "./version.ts"

/** How long a proof that our credentials are good is good for. */
const PROOF_MS = 10_000

export const headObject = (session: Session, ref: ObjectRef): Promise<Result<ObjectHead>> =>
  attemptS3(session, asked(ref), async () => {
    try {
      return await ask(session, ref)
    } catch (error) {
      if (!isMute(session, ref, error)) throw error
      await explain(session, ref)
      // It did answer a GET: since then it is there.
      return ask(session, ref)
    }
  })

/** Overwriting takes milliseconds; somebody who does it this often while we look is not going to stop. */
const MOST_LOOKS = 10

async function ask(session: Session, ref: ObjectRef): Promise<Result<ObjectHead>> {
  let head = await askOnce(session, ref)
  if (!session.isPiecewise()) return head
  for (let looks = 1; looks < MOST_LOOKS; looks++) {
    const again = await askOnce(session, ref)
    if (isDeepStrictEqual(again, head)) return again
    head = again
  }
  return failed(failure("store/failed", `${whatOf(ref)} changes faster than it can be read.`))
}

async function askOnce({ client }: Session, { bucket, key }: ObjectRef): Promise<Result<ObjectHead>> {
  const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
  return described({ bucket, key }, head)
}

/**
 * Whether the object is still the version that was just read; where answers are whole, If-Match has said so already, but
 * for an object that has no etag.
 * One look is enough: an etag is one value of one moment, and that moment is later than the reading.
 */
export async function isStill(session: Session, ref: ObjectRef, etag: string): Promise<Result<boolean>> {
  if (!session.isPiecewise() && !isDerivedEtag(etag)) return done(true)
  const head = await askOnce(session, ref)
  return head.ok ? done(head.value.etag === etag) : head
}

/**
 * HEAD has no body to say what is wrong. versitygw answers 404 to a wrong access key, AWS 400 to an expired token: taken
 * as they are, a mistake in the settings would make every source look gone. A plain 404 is believed for a while after
 * another one was explained.
 */
function isMute({ provenAtMs, clock }: Session, { bucket }: ObjectRef, error: unknown): boolean {
  const status = statusOf(error)
  const proven = clock.steadyMs() - (provenAtMs.get(bucket) ?? Number.NEGATIVE_INFINITY) < PROOF_MS
  return status === 404 ? !proven : status !== null && status >= 400 && status < 500
}

/** Asks for the first byte, because an error of GET has a body with a code; throws that error. */
async function explain(session: Session, { bucket, key }: ObjectRef): Promise<void> {
  try {
    const found = await session.client.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range: "bytes=0-0" }))
    bodyOf(found.Body).destroy()
  } catch (error) {
    if (error instanceof Error && error.name === "NoSuchKey") session.provenAtMs.set(bucket, session.clock.steadyMs())
    if (statusOf(error) !== 416) throw error
  }
}

/** versitygw has no tags of a folder either: without any, only an object that is there has none. */
export const tagsOf = (session: Session, { bucket, key }: ObjectRef): Promise<Result<Record<string, string>>> =>
  attemptS3(session, asked({ bucket, key }), async () => {
    const { TagSet = [] } = await session.client.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: key }))
    const head = TagSet.length === 0 ? await askOnce(session, { bucket, key }) : null
    return head?.ok === false ? head : done(Object.fromEntries(TagSet.map(({ Key = "", Value = "" }) => [Key, Value])))
  })
