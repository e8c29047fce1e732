import { lstat, mkdir, open, realpath, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import { attempt, orNull } from "../file-errors.ts"
import type { ObjectRef } from "../index.ts"
import { METADATA_FOLDER, namesOfKey, quoted } from "./keys.ts"

/** A folder that serves as a bucket. `root` is absolute and free of links, `ino` is the folder's inode when it was opened. */
export type Bucket = { readonly name: string; readonly root: string; readonly ino: bigint }

/** Where an object's file is, or would be. */
export type Place = {
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
export function placeOf(buckets: Buckets, ref: ObjectRef): Result<Place> {
  const bucket = buckets.get(ref.bucket)
  const names = namesOfKey(ref.key)
  if (!names.ok) return names
  if (bucket === undefined) return unknownBucket(ref.bucket)
  const path = join(bucket.root, ...names.value)
  const what = `The object ${quoted(ref.key)} of bucket ${quoted(bucket.name)}`
  if (Buffer.byteLength(path) > MOST_PATH_BYTES) return failed(failure("store/bad-key", `${what} has too long a path.`))
  return done({ ref, bucket, folder: dirname(path), name: names.value.at(-1) ?? "", path, what })
}

export const metadataFolderOf = (place: Pick<Place, "folder">): string => join(place.folder, METADATA_FOLDER)

/** No link anywhere on the way: the path is the only name of what it leads to, so it cannot lead out of the root. */
export const isPlain = async (path: string): Promise<boolean> => (await realpath(path)) === path

export const linkRefused = (what: string) =>
  failed(failure("store/denied", `${what} is reached through a link; links are not followed, name the real folder.`))

/**
 * Null while the bucket's folder is the one that was opened. A network mount that went away leaves an empty folder in its
 * place, where every object would seem deleted and every output would be written to the wrong disk.
 */
export async function rootLost({ name, root, ino }: Bucket) {
  const what = `The folder of bucket ${quoted(name)}`
  const now = await attempt("read", what, async () => done((await stat(root, { bigint: true })).ino))
  return now.ok && now.value === ino
    ? null
    : failed(
        failure("store/unreachable", `${what} is gone or unmounted; bring it back, or restart if it was replaced.`),
      )
}

/** A failure to find or use something under a root that is itself lost is an outage, not a statement about the object. */
export async function orRootLost<T>(bucket: Bucket, result: Result<T>): Promise<Result<T>> {
  const suspicious = !result.ok && (result.failure.code === "store/missing" || result.failure.code === "store/failed")
  return suspicious ? ((await rootLost(bucket)) ?? result) : result
}

/** Creates the folder and those above it, durably; false when a link is on the way. */
export async function ensureFolder(root: string, folder: string): Promise<boolean> {
  const real = await realpath(folder).catch(orNull("ENOENT"))
  if (real !== null) return real === folder
  const above = dirname(folder)
  if (folder === root || !(await ensureFolder(root, above))) return false
  const made = await mkdir(folder).then(() => true, orNull("EEXIST"))
  if (made) await syncFolder(above)
  return isPlain(folder)
}

/** Makes names in a folder durable. Some file systems cannot; then there is nothing more to be done. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return
  const handle = await open(folder, "r")
  try {
    await handle.sync().catch(orNull("EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EBADF"))
  } finally {
    await handle.close()
  }
}

export const statOrNull = (path: string) => lstat(path, { bigint: true }).catch(orNull("ENOENT", "ENOTDIR"))
