import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import { nearestTime } from "../../events/time.ts"
import { derivedEtag, isDerivedEtag, type ObjectEntry, type ObjectHead, type ObjectRef } from "../index.ts"
import { whatOf } from "./keys.ts"
import { decodeMetadata } from "./text.ts"

/** What HEAD, GET and a listing say of one version; the SDK declares everything optional. */
export type Described = {
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

export function entryOf(ref: ObjectRef, described: Described, sizeBytes: number): ObjectEntry {
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
  answer: Described & { readonly ContentLength?: number | undefined },
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

export const headOf = (ref: ObjectRef, described: Described, sizeBytes: number): ObjectHead => ({
  ...entryOf(ref, described, sizeBytes),
  versionId: versionIdOf(described.VersionId),
  contentType: described.ContentType ?? null,
  metadata: decodeMetadata(described.Metadata),
})
