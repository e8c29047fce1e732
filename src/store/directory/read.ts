/** Reads objects of a folder: what is known of them, ranges of their bytes, and whole copies. */

import { type FileHandle, open, rm } from "node:fs/promises"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { type Clock, systemClock } from "../../system/clock.ts"
import { recentMap } from "../../system/recent-map.ts"
import { type ContentHashes, contentHashesOf, openContentHash } from "../content-hash.ts"
import { attempt, orNull } from "../file-errors.ts"
import type { FetchedObject, FetchOptions, ObjectHead, ObjectInPlace, RangeOptions } from "../index.ts"
import {
  cloneFile,
  copyBytes,
  type ObjectFile,
  type OpenFile,
  openRegular,
  orRootLost,
  statOrNull,
  stopped,
} from "./object-file.ts"
import { isAt, isPlain, linkRefused, openPlainFolders, type PlainFolders } from "./plain-folder.ts"
import { type Description, etagOf, headOf, NOTHING_KNOWN, readSidecar, readSidecarOfCopy } from "./version.ts"

/** Looks before giving up: a writer that overwrites the object this often while it is read is not going to stop. */
const MOST_LOOKS = 10

type FoundObject = { readonly head: ObjectHead; readonly description: Description }

const missing = (object: ObjectFile) => failed(failure("store/missing", `${object.what} does not exist.`))

const changed = (object: ObjectFile) =>
  failed(failure("store/precondition-failed", `${object.what} is not the version asked for, or was changed meanwhile.`))

export const find = async (object: ObjectFile, known: Descriptions): Promise<Result<FoundObject>> =>
  orRootLost(object.bucket, await attempt("read", object.what, () => look(object, known)))

/** What described the versions that were looked at lately, and their folders: one element asks for its source several times. */
export type Descriptions = {
  readonly isPlain: PlainFolders
  readonly of: (object: ObjectFile, etag: string) => Description | null
  readonly note: (object: ObjectFile, etag: string, description: Description) => void
}

const MOST_REMEMBERED = 4096

/** A folder that is restored may bring what describes its files after them. */
const REMEMBERED_MS = 5_000

export function openDescriptions({ steadyMs }: Pick<Clock, "steadyMs"> = systemClock): Descriptions {
  const latest = recentMap<{ readonly description: Description; readonly atMs: number }>(MOST_REMEMBERED)
  const nameOf = ({ path }: ObjectFile, etag: string): string => `${etag} ${path}`
  return {
    isPlain: openPlainFolders({ steadyMs }),
    of: (object, etag) => {
      const seen = latest.get(nameOf(object, etag))
      return seen !== undefined && steadyMs() - seen.atMs < REMEMBERED_MS ? seen.description : null
    },
    note: (object, etag, description) => latest.set(nameOf(object, etag), { description, atMs: steadyMs() }),
  }
}

async function look(object: ObjectFile, known: Descriptions): Promise<Result<FoundObject>> {
  if (!(await known.isPlain(object.folder))) return linkRefused(object.what)
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const seen = await statOrNull(object.path)
    if (seen?.isSymbolicLink()) return linkRefused(object.what)
    if (!seen?.isFile()) return missing(object)
    const description = known.of(object, etagOf(seen)) ?? (await described(object, seen))
    if (description === null) continue
    known.note(object, etagOf(seen), description)
    return done({ head: headOf(object.ref, seen, description), description })
  }
  return failed(failure("store/failed", `${object.what} changes faster than it can be read.`))
}

/** What describes this version; null where it is no longer there. */
async function described(object: ObjectFile, seen: OpenFile["stat"]): Promise<Description | null> {
  const own = await readSidecar(object, etagOf(seen))
  if (own !== null) return own
  const ofCopy = await readSidecarOfCopy(object, seen)
  // A sidecar goes when its version does: without one, only a version that is still there has none.
  const now = await statOrNull(object.path)
  return now === null || etagOf(now) !== etagOf(seen) ? null : (ofCopy ?? NOTHING_KNOWN)
}

/** Opens the object for `work` and closes it, whatever comes. */
async function withOpened<T>(object: ObjectFile, work: (opened: OpenFile) => Promise<Result<T>>): Promise<Result<T>> {
  const result = await attempt("read", object.what, async () => {
    const opened = await openNamed(object)
    if (!opened.ok) return opened
    try {
      const isNamed = isAt(opened.value, object.path) || (await isPlain(object.folder))
      return isNamed ? await work(opened.value) : linkRefused(object.what)
    } finally {
      await opened.value.handle.close()
    }
  })
  return orRootLost(object.bucket, result)
}

/** What has the object's name, open. Where it cannot be had, a link on the way is told before all else. */
async function openNamed(object: ObjectFile): Promise<Result<OpenFile>> {
  const opened = await openRegular(object.path).catch(async (error: unknown) => {
    if (await isPlain(object.folder)) throw error
    return null
  })
  if (opened !== null) return done(opened)
  const isLink = !(await isPlain(object.folder)) || (await statOrNull(object.path))?.isSymbolicLink()
  return isLink ? linkRefused(object.what) : missing(object)
}

export async function readRange(object: ObjectFile, options: RangeOptions): Promise<Result<Uint8Array>> {
  const { start, end, ifMatch, signal } = options
  if (signal?.aborted) return stopped(object.what)
  return withOpened(object, async (opened) => {
    if (ifMatch !== undefined && etagOf(opened.stat) !== ifMatch) return changed(object)
    const length = Math.min(end, Number(opened.stat.size)) - start
    if (!(Number.isSafeInteger(start) && start >= 0 && length > 0)) return outOfRange(object)
    const bytes = Buffer.allocUnsafe(length)
    const bytesRead = await readFully(opened, bytes, start)
    const after = await opened.handle.stat({ bigint: true })
    if (ifMatch !== undefined && etagOf(after) !== ifMatch) return changed(object)
    if (signal?.aborted) return stopped(object.what)
    return bytesRead > 0 ? done(bytes.subarray(0, bytesRead)) : outOfRange(object)
  })
}

const outOfRange = (object: ObjectFile) =>
  failed(failure("store/range-not-satisfiable", `${object.what} has no bytes in the range asked for.`))

async function readFully({ handle }: OpenFile, bytes: Buffer, start: number): Promise<number> {
  let at = 0
  while (at < bytes.length) {
    const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at)
    if (bytesRead === 0) break
    at += bytesRead
  }
  return at
}

export async function fetchFile(
  object: ObjectFile,
  options: FetchOptions,
  known: Descriptions,
): Promise<Result<FetchedObject>> {
  const fetched = await fetchVersion(object, options, known)
  if (!fetched.ok) await attempt("scratch", object.what, () => clear(options.toFile))
  return fetched
}

const fetchVersion = (object: ObjectFile, options: FetchOptions, known: Descriptions): Promise<Result<FetchedObject>> =>
  withVersion(object, options, { known, read: (source) => copyOut(object, source, options) })

type Reading = {
  readonly known: Descriptions
  /** The hashes of the bytes. */
  readonly read: (source: OpenFile) => Promise<Result<ContentHashes>>
}

/** Has the version asked for read, and looks afterwards whether it still was that one. */
async function withVersion(
  object: ObjectFile,
  { ifMatch, maxBytes, signal }: Omit<FetchOptions, "toFile">,
  { known, read }: Reading,
): Promise<Result<FetchedObject>> {
  if (signal.aborted) return stopped(object.what)
  return withOpened(object, async (source) => {
    const { stat } = source
    if (etagOf(stat) !== ifMatch) return changed(object)
    const description = known.of(object, ifMatch) ?? (await described(object, stat))
    if (description === null) return changed(object)
    if (stat.size > maxBytes)
      return failed(failure("store/too-large", `${object.what} has ${stat.size} bytes; the limit is ${maxBytes}.`))
    const hashes = await read(source)
    if (!hashes.ok) return hashes
    // By name, which tells of writing in place and of replacing alike: a clone may have been made by name, too.
    const after = await statOrNull(object.path)
    const isSame = after !== null && etagOf(after) === ifMatch
    return isSame ? done({ ...headOf(object.ref, stat, description), ...hashes.value }) : changed(object)
  })
}

export async function readInPlace(
  object: ObjectFile,
  options: Omit<FetchOptions, "toFile">,
  known: Descriptions,
): Promise<Result<ObjectInPlace>> {
  const seen = await withVersion(object, options, { known, read: (source) => hashSource(object, source, options) })
  return seen.ok ? done({ ...seen.value, file: object.path, confirm: () => confirm(object, options) }) : seen
}

const confirm = (object: ObjectFile, { ifMatch }: Pick<FetchOptions, "ifMatch">): Promise<Result<void>> =>
  attempt("read", object.what, async () => {
    const seen = await statOrNull(object.path)
    if (seen === null) return missing(object)
    return etagOf(seen) === ifMatch ? done(undefined) : changed(object)
  })

/** The hashes of the bytes. A clone copies nothing, so its source is read for the hash alone. */
const copyOut = (object: ObjectFile, source: OpenFile, options: FetchOptions): Promise<Result<ContentHashes>> =>
  attempt("scratch", object.what, async () => {
    const cloned = await cloneFile(source, object.path, options.toFile)
    return cloned ? hashSource(object, source, options) : copyToNew(object, source, options)
  })

async function hashSource(
  object: ObjectFile,
  { handle }: OpenFile,
  { signal, sha256 = false }: Pick<FetchOptions, "signal" | "sha256">,
): Promise<Result<ContentHashes>> {
  const hashed = await attempt("read", object.what, async () => done(await contentHashesOf(handle, { signal, sha256 })))
  return signal.aborted ? stopped(object.what) : hashed
}

async function copyToNew(
  object: ObjectFile,
  source: OpenFile,
  { toFile, signal, sha256 = false }: FetchOptions,
): Promise<Result<ContentHashes>> {
  const to = await openNew(toFile)
  try {
    const sizeBytes = Number(source.stat.size)
    const hash = await openContentHash({ sha256 })
    const copied = await copyBytes({
      from: source.handle,
      fromSide: "read",
      to,
      toSide: "scratch",
      what: object.what,
      sizeBytes,
      signal,
      hash,
    })
    return copied.ok ? done(hash.both()) : copied
  } finally {
    await to.close()
  }
}

/** A file that is there is never written into: somebody may read it. */
const openNew = async (file: string): Promise<FileHandle> => {
  const opened = await open(file, "wx").catch(orNull("EEXIST"))
  if (opened !== null) return opened
  await clear(file)
  return open(file, "wx")
}

const clear = async (file: string): Promise<Result<void>> => done(await rm(file, { force: true }))
