import { type FileHandle, open, rm } from "node:fs/promises"
import type { Readable } from "node:stream"
import { GetObjectCommand } from "@aws-sdk/client-s3"
import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import { openContentHash } from "../content-hash.ts"
import { attempt } from "../file-errors.ts"
import type { FetchedObject, FetchOptions, ObjectHead, ObjectRef } from "../index.ts"
import { bodyOf, keepPace, type PaceKeeper } from "./body.ts"
import { isDamagedOnTheWay } from "./failure.ts"
import { isStill } from "./head.ts"
import { whatOf } from "./keys.ts"
import { asked, attemptS3, type Session, stopped } from "./session.ts"
import { described, getCondition } from "./version.ts"

const MOST_TRIES = 3

type Got = { readonly head: Result<ObjectHead>; readonly body: Readable }

export async function fetchObject(
  session: Session,
  ref: ObjectRef,
  options: FetchOptions,
): Promise<Result<FetchedObject>> {
  const fetched = await attemptS3(session, asked(ref, options.signal), () => fetchPersistently(session, ref, options))
  if (!fetched.ok) await attempt("scratch", whatOf(ref), () => clear(options.toFile))
  return fetched
}

/** Bytes that do not fit their checksum were damaged on the way, or the object was overwritten meanwhile: worth asking again. */
async function fetchPersistently(
  session: Session,
  ref: ObjectRef,
  options: FetchOptions,
): Promise<Result<FetchedObject>> {
  for (let tries = 1; tries < MOST_TRIES; tries++) {
    try {
      return await fetchInto(session, ref, options)
    } catch (error) {
      if (!isDamagedOnTheWay(error)) throw error
    }
  }
  return fetchInto(session, ref, options)
}

async function fetchInto(session: Session, ref: ObjectRef, options: FetchOptions): Promise<Result<FetchedObject>> {
  if (options.signal.aborted) return stopped(ref)
  const pace = keepPace(session, options.signal)
  const got = await get(session, ref, { ifMatch: options.ifMatch, signal: pace.signal })
  const wanted = fitting(ref, got.head, options)
  if (!wanted.ok) {
    got.body.destroy()
    return wanted
  }
  const written = await write(ref, pace.chunks(got.body), options)
  if (!written.ok) return written
  const still = await isStill(session, ref, options.ifMatch)
  if (!still.ok) return still
  return still.value ? done({ ...wanted.value, ...written.value }) : otherVersion(ref)
}

const otherVersion = (ref: ObjectRef) =>
  failed(failure("store/precondition-failed", `${whatOf(ref)} is not the version asked for, or was changed meanwhile.`))

/** Not every server heeds If-Match. */
function fitting(ref: ObjectRef, head: Result<ObjectHead>, { ifMatch, maxBytes }: FetchOptions): Result<ObjectHead> {
  if (!head.ok) return head
  const { etag, sizeBytes } = head.value
  if (etag !== ifMatch) return otherVersion(ref)
  return sizeBytes > maxBytes ? tooLarge(ref, `has ${sizeBytes} bytes`, maxBytes) : head
}

type Asking = Pick<FetchOptions, "ifMatch" | "signal">

async function get({ client }: Session, ref: ObjectRef, { ifMatch, signal }: Asking): Promise<Got> {
  const question = new GetObjectCommand({ Bucket: ref.bucket, Key: ref.key, ...getCondition(ifMatch) })
  const { Body, ...answer } = await client.send(question, { abortSignal: signal })
  return { head: described(ref, answer), body: bodyOf(Body) }
}

const tooLarge = (ref: ObjectRef, says: string, maxBytes: number) =>
  failed(failure("store/too-large", `${whatOf(ref)} ${says}; the limit is ${maxBytes}.`))

type Chunks = ReturnType<PaceKeeper["chunks"]>

type Written = Pick<FetchedObject, "sizeBytes" | "contentHash">

/** An error of the file comes back as a value, one of the body is thrown. */
async function write(ref: ObjectRef, body: Chunks, options: FetchOptions): Promise<Result<Written>> {
  const what = whatOf(ref)
  const opened = await attempt("scratch", what, async () => {
    await clear(options.toFile)
    return done(await open(options.toFile, "wx"))
  })
  if (!opened.ok) return opened
  try {
    return await copy(ref, body, { ...options, file: opened.value })
  } finally {
    await opened.value.close()
  }
}

async function copy(
  ref: ObjectRef,
  body: Chunks,
  { file, maxBytes }: { readonly file: FileHandle; readonly maxBytes: number },
): Promise<Result<Written>> {
  const hash = await openContentHash()
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > maxBytes) return tooLarge(ref, "has more bytes than it said", maxBytes)
    const written = await attempt("scratch", whatOf(ref), async () => done(await file.appendFile(chunk)))
    if (!written.ok) return written
    hash.add(chunk)
  }
  return done({ sizeBytes: bytes, contentHash: hash.hex() })
}

const clear = async (file: string): Promise<Result<void>> => done(await rm(file, { force: true }))
