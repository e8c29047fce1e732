/** Reads objects of an S3: whole into a file, or ranges of bytes, and gives up bodies that come too slowly. */

import { type FileHandle, open, rm } from "node:fs/promises"
import type { Readable } from "node:stream"
import { GetObjectCommand } from "@aws-sdk/client-s3"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { watchPace } from "../../network/transfer-pace.ts"
import { openContentHash } from "../content-hash.ts"
import { attempt } from "../file-errors.ts"
import type { FetchedObject, FetchOptions, ObjectHead, ObjectRef, RangeOptions } from "../index.ts"
import { isDamagedOnTheWay, TOO_SLOW } from "./failure.ts"
import { attemptS3, bodyOf, type Session, stopped, targetOf } from "./session.ts"
import { whatOf } from "./spelling.ts"
import { described, getCondition, isStill } from "./version.ts"

const MOST_TRIES = 3

type ObjectAnswer = { readonly head: Result<ObjectHead>; readonly body: Readable }

export async function fetchObject(
  session: Session,
  ref: ObjectRef,
  options: FetchOptions,
): Promise<Result<FetchedObject>> {
  const fetched = await attemptS3(session, targetOf(ref, options.signal), () =>
    fetchPersistently(session, ref, options),
  )
  if (!fetched.ok) await attempt("scratch", whatOf(ref), () => clear(options.toFile))
  return fetched
}

/**
 * Bytes that do not fit their checksum were damaged on the way, or the object was overwritten meanwhile: worth asking
 * again.
 */
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

async function get(
  { client }: Session,
  ref: ObjectRef,
  { ifMatch, signal }: Pick<FetchOptions, "ifMatch" | "signal">,
): Promise<ObjectAnswer> {
  const question = new GetObjectCommand({ Bucket: ref.bucket, Key: ref.key, ...getCondition(ifMatch) })
  const { Body, ...answer } = await client.send(question, { abortSignal: signal })
  return { head: described(ref, answer), body: bodyOf(Body) }
}

const tooLarge = (ref: ObjectRef, says: string, maxBytes: number) =>
  failed(failure("store/too-large", `${whatOf(ref)} ${says}; the limit is ${maxBytes}.`))

type Chunks = ReturnType<PaceKeeper["chunks"]>

type WrittenFile = Pick<FetchedObject, "sizeBytes" | "contentHash" | "contentSha256">

/** An error of the file comes back as a value, one of the body is thrown. */
async function write(ref: ObjectRef, body: Chunks, options: FetchOptions): Promise<Result<WrittenFile>> {
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
  { file, maxBytes, ...wish }: Pick<FetchOptions, "maxBytes" | "sha256"> & { readonly file: FileHandle },
): Promise<Result<WrittenFile>> {
  const hash = await openContentHash(wish)
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > maxBytes) return tooLarge(ref, "has more bytes than it said", maxBytes)
    const written = await attempt("scratch", whatOf(ref), async () => done(await file.appendFile(chunk)))
    if (!written.ok) return written
    hash.add(chunk)
  }
  return done({ sizeBytes: bytes, ...hash.both() })
}

const clear = async (file: string): Promise<Result<void>> => done(await rm(file, { force: true }))

const PARTIAL_CONTENT = 206

export async function readRange(session: Session, ref: ObjectRef, range: RangeOptions): Promise<Result<Uint8Array>> {
  const { start, end, signal } = range
  if (signal?.aborted) return stopped(ref)
  if (!(Number.isSafeInteger(start) && start >= 0 && end > start)) return outOfRange(ref)
  return attemptS3(session, targetOf(ref, signal), () => readOnce(session, ref, range))
}

const outOfRange = (ref: ObjectRef) =>
  failed(failure("store/range-not-satisfiable", `${whatOf(ref)} has no bytes in the range asked for.`))

async function readOnce(session: Session, ref: ObjectRef, range: RangeOptions): Promise<Result<Uint8Array>> {
  const { start, end, ifMatch, signal } = range
  const question = new GetObjectCommand({
    Bucket: ref.bucket,
    Key: ref.key,
    Range: `bytes=${start}-${end - 1}`,
    ...(ifMatch === undefined ? {} : getCondition(ifMatch)),
  })
  const pace = keepPace(session, signal)
  const got = await session.client.send(question, { abortSignal: pace.signal })
  // A server may ignore the range, and answers with the whole object then.
  const skip = got.$metadata.httpStatusCode === PARTIAL_CONTENT ? 0 : start
  const bytes = (await collect(pace.chunks(bodyOf(got.Body)), skip + (end - start))).subarray(skip)
  const still = ifMatch === undefined ? done(true) : await isStill(session, ref, ifMatch)
  if (!still.ok) return still
  if (!still.value) return otherVersion(ref)
  return bytes.length === 0 ? outOfRange(ref) : done(bytes)
}

/**
 * The first `most` bytes. A body that holds no more is read to its end: one that is broken off takes its connection
 * along.
 */
async function collect(body: Chunks, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > most) break
  }
  return Buffer.concat(chunks).subarray(0, most)
}

/** Gives up a request whose body comes too slowly: what stalls or drips must not hold its place for ever. */
type PaceKeeper = {
  /** To be handed to the request: where the SDK wraps a body, only this reaches the connection behind it. */
  readonly signal: AbortSignal
  /** The body's bytes; throws where they come too slowly. */
  chunks(body: Readable): AsyncGenerator<Uint8Array>
}

function keepPace({ clock, pace }: Session, signal: AbortSignal | undefined): PaceKeeper {
  const slow = new AbortController()
  return {
    signal: signal === undefined ? slow.signal : AbortSignal.any([signal, slow.signal]),
    chunks: async function* (body) {
      const giveUp = (error: Error): void => {
        body.destroy(error)
        slow.abort()
      }
      const watch = watchPace(
        { ...pace, clock },
        {
          tooSlow: () => giveUp(Object.assign(new Error("The body came too slowly."), { name: TOO_SLOW })),
          broken: (bug) => giveUp(bug instanceof Error ? bug : new Error(String(bug))),
        },
      )
      try {
        for await (const chunk of body as AsyncIterable<Uint8Array>) {
          watch.moved(chunk.length)
          yield chunk
        }
      } finally {
        watch.stop()
      }
    },
  }
}
