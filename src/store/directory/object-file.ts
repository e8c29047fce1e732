/**
 * Where the file of an object is: how a key becomes a path below its bucket's folder, and which names are
 * reserved; and how bytes are copied into and out of it.
 */

import { createHash } from "node:crypto"
import { type BigIntStats, constants } from "node:fs"
import { copyFile, type FileHandle, lstat, open, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { segmentsOf } from "../../element/key.ts"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { sharedRuns } from "../../system/concurrency.ts"
import { type ContentHash, withChunk } from "../content-hash.ts"
import { attempt, orNull, type Side } from "../file-errors.ts"
import type { ObjectRef } from "../index.ts"

/** A folder that serves as a bucket. `root` is absolute and free of links, `ino` is the folder's inode when it was opened. */
export type Bucket = { readonly name: string; readonly root: string; readonly ino: bigint }

/** Where an object's file is, or would be. */
export type ObjectFile = {
  readonly ref: ObjectRef
  readonly bucket: Bucket
  readonly folder: string
  readonly name: string
  readonly path: string
  /** The object in a sentence. */
  readonly what: string
}

export type Buckets = ReadonlyMap<string, Bucket>

export const unknownBucket = (bucket: string) =>
  failed(failure("store/missing", `There is no bucket ${quoted(bucket)} here.`))

/** Less what `.object-metadata/` and its longest name add. Refused beforehand, so that no half of a path is ever made. */
const MOST_PATH_BYTES = (process.platform === "darwin" ? 1023 : 4095) - 272

/** Looks at the key alone, not at the disk. */
export function objectFileOf(buckets: Buckets, ref: ObjectRef): Result<ObjectFile> {
  const bucket = buckets.get(ref.bucket)
  const names = namesOfKey(ref.key)
  if (!names.ok) return names
  if (bucket === undefined) return unknownBucket(ref.bucket)
  const path = join(bucket.root, ...names.value)
  const what = `The object ${quoted(ref.key)} of bucket ${quoted(bucket.name)}`
  if (Buffer.byteLength(path) > MOST_PATH_BYTES) return failed(failure("store/bad-key", `${what} has too long a path.`))
  return done({ ref, bucket, folder: dirname(path), name: names.value.at(-1) ?? "", path, what })
}

export const metadataFolderOf = (object: Pick<ObjectFile, "folder">): string => join(object.folder, METADATA_FOLDER)

/**
 * Null while the bucket's folder is the one that was opened. A network mount that went away leaves an empty folder in its
 * place, where every object would seem deleted and every output would be written to the wrong disk.
 */
export async function rootLost({ name, root, ino }: Bucket) {
  const what = `The folder of bucket ${quoted(name)}`
  const now = await attempt("read", what, async () =>
    done((await rootStats(root, () => stat(root, { bigint: true }))).ino),
  )
  return now.ok && now.value === ino
    ? null
    : failed(
        failure("store/unreachable", `${what} is gone or unmounted; bring it back, or restart if it was replaced.`),
      )
}

const rootStats = sharedRuns<BigIntStats>()

/** A failure to find or use something under a root that is itself lost is an outage, not a statement about the object. */
export async function orRootLost<T>(bucket: Bucket, result: Result<T>): Promise<Result<T>> {
  const suspicious = !result.ok && (result.failure.code === "store/missing" || result.failure.code === "store/failed")
  return suspicious ? ((await rootLost(bucket)) ?? result) : result
}

export const statOrNull = (path: string) => lstat(path, { bigint: true }).catch(orNull("ENOENT", "ENOTDIR"))

/** Folder beside the objects that holds what a file cannot say of itself, and files that are still being written. */
const METADATA_FOLDER = ".object-metadata"

/** Ours, at any depth: no object lives there and no listing goes there. In lower case: some file systems fold it. */
const RESERVED = new Set([METADATA_FOLDER, ".oiio-proxy-generator"])

const MOST_NAME_BYTES = 255

/** What Windows reads as something other than a plain name: streams, wildcards, devices, dropped trailing characters. */
const WINDOWS_SPECIAL = /[<>:"|?*\\]|[. ]$|^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i

/** Empty files that live for an instant, to learn whether a folder can be written (writable.ts). */
export const PROBE_PREFIX = `${METADATA_FOLDER}-probe-`

export const isReserved = (name: string): boolean => {
  const folded = name.toLowerCase()
  return RESERVED.has(folded) || folded.startsWith(PROBE_PREFIX)
}

/** The key as names of folders and, last, of a file; store/bad-key where no path below the root can stand for it. */
export function namesOfKey(key: string, platform: NodeJS.Platform = process.platform): Result<readonly string[]> {
  const names = segmentsOf(key)
  const why = names.map((name) => unusable(name, platform)).find((reason) => reason !== null)
  return why === undefined ? done(names) : failed(failure("store/bad-key", `The key ${quoted(key)} ${why}.`))
}

function unusable(name: string, platform: NodeJS.Platform): string | null {
  if (name === "") return "has an empty segment"
  if (name === "." || name === "..") return "has a segment that walks the tree instead of naming something"
  if (name.includes("\0")) return "holds a NUL character"
  if (!name.isWellFormed()) return "is not valid Unicode"
  if (isReserved(name)) return `names the reserved folder ${quoted(name)}`
  if (isTooLong(name, platform)) return "has a segment that is too long for a file name"
  if (platform === "win32" && (WINDOWS_SPECIAL.test(name) || [...name].some((c) => c < " ")))
    return "has a segment that Windows cannot hold as a file name"
  return null
}

/** Linux counts bytes, the others UTF-16 units. */
const isTooLong = (name: string, platform: NodeJS.Platform): boolean =>
  (platform === "linux" ? Buffer.byteLength(name) : name.length) > MOST_NAME_BYTES

/** Keys in a sentence: one line, whatever they hold. */
export const quoted = (key: string): string => JSON.stringify(key)

/** File name of the sidecar of one version of an object; a name that would grow too long is replaced by its hash. */
export function sidecarName(name: string, etag: string): string {
  const plain = `${name}.${etag}.json`
  return Buffer.byteLength(plain) <= MOST_NAME_BYTES ? plain : `${hashed(name)}.${etag}.json`
}

/** Whether a file name is that of a sidecar of any version of the object that has this size. */
export function isSidecarOf(file: string, name: string, sizeBytes: bigint): boolean {
  const owner = [name, hashed(name)].find((start) => file.startsWith(`${start}.`))
  return owner !== undefined && new RegExp(`^\\.\\d+-${sizeBytes}-\\d+\\.json$`).test(file.slice(owner.length))
}

/** File name of the claim on an object's name. */
export const claimName = (name: string): string => `${hashed(name)}.claim`

/** Whether a sidecar's name may be a hash, so that it does not tell which object it belongs to. */
export const isHashed = (name: string): boolean => /^[0-9a-f]{40}$/.test(name)

const hashed = (name: string): string => createHash("sha256").update(name).digest("hex").slice(0, 40)

/** Windows has neither flag. */
const READ_PLAIN = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

export type OpenFile = { readonly handle: FileHandle; readonly stat: BigIntStats }

/**
 * Opens a regular file for reading, null where something else has the name. Looks before it opens, because opening a
 * device can have effects; opens without following a link and without waiting, because the name can change in between
 * and opening a FIFO would hang.
 */
export async function openRegular(path: string): Promise<OpenFile | null> {
  const seen = await lstat(path)
  if (!seen.isFile()) return null
  const handle = await open(path, READ_PLAIN)
  try {
    const stat = await handle.stat({ bigint: true })
    if (stat.isFile()) return { handle, stat }
  } catch (error) {
    await handle.close()
    throw error
  }
  await handle.close()
  return null
}

export type Copy = {
  readonly from: FileHandle
  readonly fromSide: Side
  readonly to: FileHandle
  readonly toSide: Side
  /** The object in a sentence. */
  readonly what: string
  /** Copies no more than this; the whole file without. */
  readonly sizeBytes?: number
  readonly signal?: AbortSignal
  /** Sees all bytes on their way. */
  readonly hash?: ContentHash
}

export const copyBytes = (copy: Copy): Promise<Result<void>> => withChunk((chunk) => copyThrough(chunk, copy))

async function copyThrough(chunk: Buffer, copy: Copy): Promise<Result<void>> {
  const { from, to, what, sizeBytes = Number.POSITIVE_INFINITY } = copy
  for (let at = 0; at < sizeBytes; ) {
    if (copy.signal?.aborted) return stopped(what)
    const length = Math.min(chunk.length, sizeBytes - at)
    const read = await attempt(copy.fromSide, what, async () => done(await from.read(chunk, 0, length, at)))
    if (!read.ok) return read
    const { bytesRead } = read.value
    if (bytesRead === 0) break
    const position = at
    const written = await attempt(copy.toSide, what, async () => done(await writeAll(to, chunk, bytesRead, position)))
    if (!written.ok) return written
    copy.hash?.add(chunk.subarray(0, bytesRead))
    at += bytesRead
  }
  return done(undefined)
}

async function writeAll(to: FileHandle, buffer: Buffer, length: number, position: number): Promise<void> {
  for (let at = 0; at < length; ) at += (await to.write(buffer, at, length - at, position + at)).bytesWritten
}

/**
 * Shares the bytes with a new file instead of copying them, where the file system can: true when it did. Through the
 * open file on Linux, so that nothing swapped in under the name is met.
 */
export async function cloneFile(source: OpenFile, path: string, toFile: string): Promise<boolean> {
  const there = await stat(dirname(toFile), { bigint: true })
  if (there.dev !== source.stat.dev) return false
  const from = process.platform === "linux" ? `/proc/self/fd/${source.handle.fd}` : path
  // Whatever is in the way, copying meets it again and reports it.
  return copyFile(from, toFile, constants.COPYFILE_FICLONE_FORCE).then(
    () => true,
    () => false,
  )
}

export const stopped = (what: string) => failed(failure("stopped", `${what} was left, because the work is stopping.`))
