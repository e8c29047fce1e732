import { realpath, stat } from "node:fs/promises"
import { isAbsolute } from "node:path"
import { done, failed, failure, type Result } from "../events/result.ts"
import { systemClock } from "../system/clock.ts"
import { keyedQueue } from "../system/concurrency.ts"
import { sweepFolder } from "./directory/claim.ts"
import { followed } from "./directory/links.ts"
import { keysOf, listFolder } from "./directory/list.ts"
import {
  type Bucket,
  type Buckets,
  metadataFolderOf,
  type ObjectFile,
  objectFileOf,
  orRootLost,
  quoted,
  unknownBucket,
} from "./directory/object-file.ts"
import { fetchFile, find, openDescriptions, readInPlace, readRange } from "./directory/read.ts"
import { openWritable } from "./directory/writable.ts"
import { deleteFile, putFile, type Swept } from "./directory/write.ts"
import { attempt, orNull } from "./file-errors.ts"
import { assertOutputKey, assertPutOptions, type ObjectRef, type ObjectStore } from "./index.ts"

/**
 * Folders as buckets: `roots` maps a bucket's name to the absolute path of its folder, a key is the path below it with `/`.
 * Fails with store/missing or store/denied where a folder is not there or not accessible.
 *
 * - The etag and the source version are inode, size and modification time in nanoseconds.
 * - Content type, tags and metadata are in `.object-metadata/` beside the object; they hold for the bytes that they were
 *   stored with and no others, also in a folder that was copied or restored as a whole, where each file has a new inode: the
 *   hash of its bytes tells. A file that somebody else wrote, changed, or copied without its `.object-metadata/` has none.
 * - A link to a file of its bucket is a second name of that file, to be read alone: it is an object with the file's version.
 *   All other links are no objects: what is reached through one is refused (store/denied), a listing tells of those that lead out
 *   of the bucket and passes over the others (`onSkipped`). Nothing is ever written through a link. Devices, sockets and FIFOs do not exist here and are never opened.
 * - Where a bucket's folder is gone or another one took its place (a mount that went away), everything is store/unreachable.
 * - ifAbsent holds against every process, ifMatch against those that also ask for a condition.
 * - What died half-way is in `.object-metadata/` too, is never listed, and is swept when a process first writes there, or,
 *   where `sweeps` asks for it, first lists the folder: a listing changes nothing otherwise.
 */
export async function openDirectoryStore(
  roots: ReadonlyMap<string, string>,
  { sweeps = false }: { readonly sweeps?: boolean } = {},
): Promise<Result<ObjectStore>> {
  const buckets = new Map<string, Bucket>()
  for (const [name, root] of roots) {
    const bucket = await openBucket(name, root)
    if (!bucket.ok) return bucket
    buckets.set(name, bucket.value)
  }
  return done(storeOf(buckets, sweeps))
}

async function openBucket(name: string, folder: string): Promise<Result<Bucket>> {
  if (!isAbsolute(folder)) throw new TypeError(`the folder of bucket ${quoted(name)} is not an absolute path`)
  const what = `The folder of bucket ${quoted(name)}`
  return attempt("read", what, async () => {
    const root = await realpath(folder)
    const found = await stat(root, { bigint: true })
    return found.isDirectory()
      ? done({ name, root, ino: found.ino })
      : failed(failure("store/missing", `${what} is not a folder.`))
  })
}

function storeOf(buckets: Buckets, sweeps: boolean): ObjectStore {
  const inOrder = keyedQueue()
  const swept: Swept = new Set()
  const writable = openWritable()
  const known = openDescriptions()
  const at = async <T>(ref: ObjectRef, work: (object: ObjectFile) => Promise<Result<T>>): Promise<Result<T>> => {
    const object = objectFileOf(buckets, ref)
    return object.ok ? work(object.value) : object
  }
  const reading = <T>(ref: ObjectRef, read: (object: ObjectFile) => Promise<Result<T>>): Promise<Result<T>> =>
    at(ref, async (object) => {
      const result = await read(object)
      if (result.ok || result.failure.code !== "store/denied") return result
      const target = await followed(object)
      if (!target.ok) return target.failure.code === "store/missing" ? target : result
      return target.value === null ? result : read(target.value)
    })
  return {
    head: (ref) => reading(ref, async (object) => mapped(await find(object, known), ({ head }) => head)),
    tags: (ref) =>
      reading(ref, async (object) => mapped(await find(object, known), ({ description }) => description.tags)),
    fetch: (ref, options) => reading(ref, (object) => fetchFile(object, options, known)),
    readInPlace: (ref, options) => reading(ref, (object) => readInPlace(object, options, known)),
    readRange: (ref, range) => reading(ref, (object) => readRange(object, range)),
    checkWritable: (ref) => at(ref, async (object) => orRootLost(object.bucket, await writable.check(object))),
    put: async (ref, fromFile, options) => {
      assertPutOptions(options)
      const put = async (object: ObjectFile) => {
        const stored = await inOrder(object.path, () => putFile({ object, fromFile, options }, swept))
        return orRootLost(object.bucket, await writable.explained(object, stored))
      }
      return at(ref, put)
    },
    delete: async (ref, { ifMatch }) => {
      assertOutputKey(ref.key)
      return at(ref, (object) => inOrder(object.path, () => deleteFile(object, ifMatch)))
    },
    async *list(name, { prefix = "", startAfter = "", onSkipped = () => undefined } = {}) {
      const bucket = buckets.get(name)
      if (bucket === undefined) yield unknownBucket(name)
      else {
        const visit = sweeps ? (folder: string) => sweepOnce(folder, swept) : leave
        yield* listFolder(bucket, { prefix, startAfter }, { visit, onSkipped })
      }
    },
    async *listKeys(name, folder) {
      const bucket = buckets.get(name)
      if (bucket !== undefined) yield* keysOf(bucket, folder)
    },
    nowMs: () => systemClock.nowMs(),
    close: () => Promise.resolve(),
  }
}

/** Leftovers that cannot be removed, for lack of permission or room, are left where they are: they do no harm. */
async function sweepOnce(folder: string, swept: Swept): Promise<void> {
  const metadata = metadataFolderOf({ folder })
  if (swept.has(metadata)) return
  const tidied = await attempt("write", metadata, async () => {
    const real = await realpath(metadata).catch(orNull("ENOENT"))
    if (real === metadata) await sweepFolder({ folder })
    return done(real === metadata)
  })
  if (tidied.ok && tidied.value) swept.add(metadata)
}

const leave = (): Promise<void> => Promise.resolve()

const mapped = <T, U>(result: Result<T>, map: (value: T) => U): Result<U> =>
  result.ok ? done(map(result.value)) : result
