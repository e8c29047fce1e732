/** What an S3 says of one version of an object: HEAD, tags, and the conditions that name a version. */

import { isDeepStrictEqual } from "node:util"
import { GetObjectCommand, GetObjectTaggingCommand, HeadObjectCommand } from "@aws-sdk/client-s3"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { nearestTime } from "../../events/time.ts"
import { derivedEtag, isDerivedEtag, type ObjectEntry, type ObjectHead, type ObjectRef } from "../index.ts"
import { statusOf } from "./failure.ts"
import { attemptS3, bodyOf, type Session, targetOf } from "./session.ts"
import { decodeMetadata, whatOf } from "./spelling.ts"

/** What HEAD, GET and a listing say of one version; the SDK declares everything optional. */
export type VersionAnswer = {
  readonly ETag?: string | undefined
  readonly VersionId?: string | undefined
  readonly LastModified?: Date | undefined
  readonly ContentType?: string | undefined
  readonly Metadata?: Readonly<Record<string, string>> | undefined
}

/** An etag without its quotes. */
export const unquoted = (etag = ""): string => /^(?:W\/)?"(.*)"$/.exec(etag)?.[1] ?? etag

/** An etag as a condition. */
export const condition = (etag: string): string => `"${etag}"`

/**
 * What a GET asks for so that its bytes are of one version. Without an etag only a later change can be ruled out, and
 * only where the server looks; a second more, because some compare fractions that they do not tell.
 */
export const getCondition = (etag: string): { readonly IfMatch: string } | { readonly IfUnmodifiedSince: Date } =>
  isDerivedEtag(etag)
    ? { IfUnmodifiedSince: new Date(Number(etag.split("-")[1]) + 1000) }
    : { IfMatch: condition(etag) }

/** A bucket without versioning calls its only version "null". */
const versionIdOf = (versionId: string | undefined): string | null =>
  versionId === undefined || versionId === "" || versionId === "null" ? null : versionId

export function entryOf(ref: ObjectRef, described: VersionAnswer, sizeBytes: number): ObjectEntry {
  // HEAD knows whole seconds, some listings more: both must name one version alike.
  const lastModifiedMs = Math.floor(nearestTime(described.LastModified?.getTime() ?? 0) / 1000) * 1000
  const stated = unquoted(described.ETag)
  const etag = stated === "" ? derivedEtag({ lastModifiedMs, sizeBytes }) : stated
  const named = stated === "" ? etag : `${etag}-${lastModifiedMs}-${sizeBytes}`
  const sourceVersion = versionIdOf(described.VersionId) ?? named
  return { bucket: ref.bucket, key: ref.key, etag, sizeBytes, lastModifiedMs, sourceVersion }
}

/** What HEAD or GET answered; nothing of an object is known without a time, whatever gave such an answer. */
export function described(
  ref: ObjectRef,
  answer: VersionAnswer & { readonly ContentLength?: number | undefined },
): Result<ObjectHead> {
  // Without a length as well, an etag is all that would tell versions apart.
  const isComplete =
    answer.LastModified !== undefined && (unquoted(answer.ETag) !== "" || answer.ContentLength !== undefined)
  return isComplete
    ? done(headOf(ref, answer, answer.ContentLength ?? 0))
    : failed(
        failure(
          "store/failed",
          `${whatOf(ref)} came without Last-Modified, or with neither ETag nor length: no S3 answered.`,
        ),
      )
}

export const headOf = (ref: ObjectRef, described: VersionAnswer, sizeBytes: number): ObjectHead => ({
  ...entryOf(ref, described, sizeBytes),
  versionId: versionIdOf(described.VersionId),
  contentType: described.ContentType ?? null,
  metadata: decodeMetadata(described.Metadata),
})

/** How long a proof that our credentials are good is good for. */
const PROOF_MS = 10_000

export const headObject = (session: Session, ref: ObjectRef): Promise<Result<ObjectHead>> =>
  attemptS3(session, targetOf(ref), async () => {
    try {
      return await ask(session, ref)
    } catch (error) {
      if (!isMute(session, ref, error)) throw error
      await explain(session, ref)
      // It did answer a GET: since then it is there.
      return ask(session, ref)
    }
  })

/** Looks before giving up: a writer that overwrites the object this often while it is read is not going to stop. */
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
  attemptS3(session, targetOf({ bucket, key }), async () => {
    const { TagSet = [] } = await session.client.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: key }))
    const head = TagSet.length === 0 ? await askOnce(session, { bucket, key }) : null
    return head?.ok === false ? head : done(Object.fromEntries(TagSet.map(({ Key = "", Value = "" }) => [Key, Value])))
  })
