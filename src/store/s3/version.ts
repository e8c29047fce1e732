import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import type { ObjectEntry, ObjectHead, ObjectRef } from "../index.ts"
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

/** A bucket without versioning calls its only version "null". */
const versionIdOf = (versionId: string | undefined): string | null =>
  versionId === undefined || versionId === "" || versionId === "null" ? null : versionId

export function entryOf(ref: ObjectRef, described: Described, sizeBytes: number): ObjectEntry {
  const etag = unquoted(described.ETag)
  // HEAD knows whole seconds, some listings more: both must name one version alike.
  const lastModifiedMs = Math.floor((described.LastModified?.getTime() ?? 0) / 1000) * 1000
  const sourceVersion = versionIdOf(described.VersionId) ?? `${etag}-${lastModifiedMs}-${sizeBytes}`
  return { bucket: ref.bucket, key: ref.key, etag, sizeBytes, lastModifiedMs, sourceVersion }
}

/** What HEAD or GET answered; nothing of an object is known without an etag and a time, whatever gave such an answer. */
export function described(
  ref: ObjectRef,
  answer: Described & { readonly ContentLength?: number | undefined },
): Result<ObjectHead> {
  const isComplete = answer.ETag !== undefined && answer.LastModified !== undefined
  return isComplete
    ? done(headOf(ref, answer, answer.ContentLength ?? 0))
    : failed(failure("store/failed", `${whatOf(ref)} came without ETag or Last-Modified: no S3 answered.`))
}

export const headOf = (ref: ObjectRef, described: Described, sizeBytes: number): ObjectHead => ({
  ...entryOf(ref, described, sizeBytes),
  versionId: versionIdOf(described.VersionId),
  contentType: described.ContentType ?? null,
  metadata: decodeMetadata(described.Metadata),
})
