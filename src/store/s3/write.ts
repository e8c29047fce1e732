/** Stores and deletes objects of an S3 under the caller's condition. */

import { createReadStream } from "node:fs"
import { stat } from "node:fs/promises"
import type { Readable } from "node:stream"
import { DeleteObjectCommand } from "@aws-sdk/client-s3"
import { Upload } from "@aws-sdk/lib-storage"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { attempt, classify as classifyFile } from "../file-errors.ts"
import { isDerivedEtag, type ObjectHead, type ObjectRef, type PutOptions } from "../index.ts"
import { attemptsOf, codeOf, statusOf } from "./failure.ts"
import { attemptS3, type Session, targetOf } from "./session.ts"
import { encodeMetadata, encodeTags, whatOf } from "./spelling.ts"
import { condition, headObject, headOf, unquoted } from "./version.ts"

/** Files up to this go as one PUT; larger ones in parts of it, a few at a time, each held in memory. */
const PART_BYTES = 8 * 1024 * 1024
const PARTS_AT_ONCE = 2
const MOST_PARTS = 10_000

/** Tries against other conditional writers of the same name, and how much longer each next one waits, milliseconds. */
const MOST_TRIES = 5
const CONFLICT_WAIT_MS = 100

type Put = {
  readonly ref: ObjectRef
  readonly fromFile: string
  readonly sizeBytes: number
  readonly options: PutOptions
}

type Uploaded = Pick<ObjectHead, "etag"> & { readonly versionId: string | undefined }

export async function putObject(session: Session, given: Omit<Put, "sizeBytes">): Promise<Result<ObjectHead>> {
  const { ref } = given
  const size = await attempt("scratch", whatOf(ref), async () => done((await stat(given.fromFile)).size))
  if (!size.ok) return size
  const put = { ...given, sizeBytes: size.value }
  return attemptS3(session, targetOf(ref), async () => {
    const there = await precondition(session, put)
    if (!there.ok) return there
    for (let tries = 1; tries < MOST_TRIES; tries++) {
      const result = await putOnce(session, put)
      if (result !== "conflict") return result
      await session.clock.sleep(tries * CONFLICT_WAIT_MS)
    }
    return failed(failure("store/failed", `${whatOf(ref)} is written by too many others just now.`))
  })
}

/** An object without an etag can only be looked at first: no server could hold it to a condition. */
async function precondition(session: Session, { ref, options: { ifMatch } }: Put): Promise<Result<void>> {
  if (ifMatch === undefined || !isDerivedEtag(ifMatch)) return done(undefined)
  const head = await headObject(session, ref)
  if (!head.ok && head.failure.code !== "store/missing") return head
  return head.ok && head.value.etag === ifMatch ? done(undefined) : otherVersion(ref)
}

async function putOnce(session: Session, put: Put): Promise<Result<ObjectHead> | "conflict"> {
  const body = createReadStream(put.fromFile)
  let fileError: unknown = null
  body.on("error", (error) => {
    fileError = error
  })
  try {
    return done(await headAfter(session, put, await upload(session, put, body)))
  } catch (error) {
    if (fileError !== null) return failed(classifyFile(fileError, "scratch", whatOf(put.ref)))
    return isConflict(error) ? "conflict" : await refused(session, put, error)
  } finally {
    body.destroy()
  }
}

/** As one PUT, or in parts; the condition holds for the whole either way. */
async function upload({ client }: Session, { ref, sizeBytes, options }: Put, Body: Readable): Promise<Uploaded> {
  const { ETag, VersionId } = await new Upload({
    client,
    params: { Bucket: ref.bucket, Key: ref.key, Body, ...paramsOf(options) },
    partSize: Math.max(PART_BYTES, Math.ceil(sizeBytes / MOST_PARTS)),
    queueSize: PARTS_AT_ONCE,
  }).done()
  return { etag: unquoted(ETag), versionId: VersionId }
}

function paramsOf({ contentType, metadata, tags, ifMatch, ifAbsent }: PutOptions) {
  const tagging = encodeTags(tags)
  return {
    ContentType: contentType,
    Metadata: encodeMetadata(metadata),
    ...(tagging === undefined ? {} : { Tagging: tagging }),
    ...(ifMatch === undefined || isDerivedEtag(ifMatch) ? {} : { IfMatch: condition(ifMatch) }),
    ...(ifAbsent === true ? { IfNoneMatch: "*" } : {}),
  }
}

/** What the store says of it now; where another writer was quicker or the question fails, what we know ourselves. */
async function headAfter(session: Session, put: Put, { etag, versionId }: Uploaded): Promise<ObjectHead> {
  const { ref, sizeBytes, options } = put
  const found = await headObject(session, ref)
  const isSame = (head: ObjectHead): boolean =>
    etag === "" ? isDerivedEtag(head.etag) && head.sizeBytes === sizeBytes : head.etag === etag
  if (found.ok && isSame(found.value)) return found.value
  const known = { ETag: condition(etag), VersionId: versionId, LastModified: new Date(session.nowMs()) }
  return { ...headOf(ref, known, sizeBytes), contentType: options.contentType, metadata: { ...options.metadata } }
}

type Conditional = { readonly ref: ObjectRef; readonly sizeBytes: number; readonly options: PutOptions }

/** AWS answers so when a conditional write meets another one that is not decided yet. */
const isConflict = (error: unknown): boolean => codeOf(error) === "ConditionalRequestConflict"

const PRECONDITION_FAILED = 412

/**
 * What a refused PUT means; throws what is no refusal of its condition. Where the SDK had to ask twice, the first answer
 * may have been lost after the store had done it: then the object is the one that we were to put.
 */
async function refused(session: Session, put: Conditional, error: unknown): Promise<Result<ObjectHead>> {
  const { ref, options } = put
  if (options.ifMatch !== undefined && codeOf(error) === "NoSuchKey")
    return failed(failure("store/precondition-failed", `${whatOf(ref)} is not the version asked for: it is gone.`))
  if (statusOf(error) !== PRECONDITION_FAILED || attemptsOf(error) === 1) throw error
  const found = await headObject(session, ref)
  if (found.ok && isOurs(found.value, put)) return done(found.value)
  throw error
}

const isOurs = (head: ObjectHead, { sizeBytes, options }: Conditional): boolean =>
  head.sizeBytes === sizeBytes &&
  head.contentType === options.contentType &&
  Object.keys(options.metadata).length > 0 &&
  Object.keys(head.metadata).length === Object.keys(options.metadata).length &&
  Object.entries(options.metadata).every(([name, value]) => head.metadata[name] === value)

/** A store that knows no condition on DELETE says so by one of these: asked again without, after HEAD has agreed. */
const NO_CONDITIONS = [400, 405, 501]

/**
 * Deletes the object while it is this version. HEAD is asked first, since not every store looks at the condition of a
 * DELETE: there the last word has whoever writes between the two.
 */
export async function deleteObject(session: Session, ref: ObjectRef, ifMatch: string): Promise<Result<void>> {
  const head = await headObject(session, ref)
  if (!head.ok) return head.failure.code === "store/missing" ? done(undefined) : head
  if (head.value.etag !== ifMatch) return otherVersion(ref)
  return attemptS3(session, targetOf(ref), async () => {
    const target = { Bucket: ref.bucket, Key: ref.key }
    // An etag that the store does not state is no condition that it could look at.
    const held = isDerivedEtag(ifMatch) ? {} : { IfMatch: condition(ifMatch) }
    try {
      await session.client.send(new DeleteObjectCommand({ ...target, ...held }))
    } catch (error) {
      const status = statusOf(error)
      if (status === 404) return done(undefined)
      if (status === 412) return otherVersion(ref)
      if (status === null || !NO_CONDITIONS.includes(status)) throw error
      await session.client.send(new DeleteObjectCommand(target))
    }
    return done(undefined)
  })
}

const otherVersion = (ref: ObjectRef) =>
  failed(failure("store/precondition-failed", `${whatOf(ref)} is not the version asked for.`))
