import { createHash } from "node:crypto"
import { readFile, rm, writeFile } from "node:fs/promises"
import { compareKeys } from "../element/key-order.ts"
import { done, type Failure, type FailureCode, failed, failure, type Result } from "../events/result.ts"
import { type Clock, systemClock } from "../system/clock.ts"
import { openContentHash } from "./content-hash.ts"
import { attempt } from "./file-errors.ts"
import {
  assertOutputKey,
  assertPutOptions,
  type FetchedObject,
  type FetchOptions,
  type ObjectEntry,
  type ObjectHead,
  type ObjectRef,
  type ObjectStore,
  type PutOptions,
  type RangeOptions,
} from "./index.ts"

type Stored = {
  readonly head: ObjectHead
  readonly bytes: Uint8Array
  readonly tags: Readonly<Record<string, string>>
}

export type MemoryStore = ObjectStore & {
  /** While it is set, every method fails with it: the store is out of reach. */
  outage: Failure | null
  /** Somebody else deletes an object, in no time. */
  erase(ref: ObjectRef): void
}

const MOST_KEY_BYTES = 1024

const refused = (code: FailureCode, ref: ObjectRef) =>
  failed(failure(code, `The object ${JSON.stringify(ref.key)} of bucket ${JSON.stringify(ref.bucket)}: ${code}.`))

/**
 * Objects in this process's memory, after S3's manners: any key up to 1024 bytes, etags that depend on the bytes alone.
 * The caller's files are real ones. Without `buckets` every bucket exists. It forgets everything with the process.
 */
export function openMemoryStore(
  options: { readonly clock?: Clock; readonly buckets?: readonly string[] } = {},
): MemoryStore {
  const { clock = systemClock, buckets } = options
  const objects = new Map<string, Map<string, Stored>>(buckets?.map((name) => [name, new Map()]))
  const bucketNamed = (bucket: string): Result<Map<string, Stored>> => {
    if (store.outage !== null) return failed(store.outage)
    if (buckets === undefined && !objects.has(bucket)) objects.set(bucket, new Map())
    const found = objects.get(bucket)
    return found === undefined ? refused("store/missing", { bucket, key: "" }) : done(found)
  }
  const bucketOf = (ref: ObjectRef) => (isKey(ref.key) ? bucketNamed(ref.bucket) : refused("store/bad-key", ref))
  const find = (ref: ObjectRef): Result<Stored> => {
    const bucket = bucketOf(ref)
    if (!bucket.ok) return bucket
    const stored = bucket.value.get(ref.key)
    return stored === undefined ? refused("store/missing", ref) : done(stored)
  }
  const store: MemoryStore = {
    outage: null,
    head: async (ref) => mapped(find(ref), ({ head }) => head),
    tags: async (ref) => mapped(find(ref), ({ tags }) => tags),
    fetch: (ref, wanted) => fetchFrom(find, ref, wanted),
    readRange: async (ref, range) => rangeOf(find(ref), ref, range),
    checkWritable: async (ref) => mapped(bucketOf(ref), () => undefined),
    async put(ref, fromFile, given) {
      assertPutOptions(given)
      const bucket = bucketOf(ref)
      if (!bucket.ok) return bucket
      const bytes = await attempt("scratch", "an object", async () => done(await readFile(fromFile)))
      if (!bytes.ok) return bytes
      // From here on nothing waits: of concurrent callers each sees what the one before left.
      if (!holds(bucket.value.get(ref.key), given)) return refused("store/precondition-failed", ref)
      const head = headOf(ref, bytes.value, { options: given, nowMs: clock.nowMs() })
      bucket.value.set(ref.key, { head, bytes: bytes.value, tags: { ...given.tags } })
      return done(head)
    },
    async delete(ref, { ifMatch }) {
      assertOutputKey(ref.key)
      const bucket = bucketOf(ref)
      if (!bucket.ok) return bucket
      const stored = bucket.value.get(ref.key)
      if (stored !== undefined && stored.head.etag !== ifMatch) return refused("store/precondition-failed", ref)
      return mapped(bucket, (held) => void held.delete(ref.key))
    },
    async *list(name, { prefix = "", startAfter = "" } = {}) {
      const bucket = bucketNamed(name)
      if (!bucket.ok) return yield bucket
      const keys = [...bucket.value.keys()].filter((key) => key.startsWith(prefix) && compareKeys(key, startAfter) > 0)
      for (const key of keys.sort(compareKeys)) {
        const stored = bucket.value.get(key)
        if (stored !== undefined) yield done(entryOf(stored.head))
      }
    },
    nowMs: () => clock.nowMs(),
    erase: ({ bucket, key }) => void objects.get(bucket)?.delete(key),
    close: () => Promise.resolve(),
  }
  return store
}

const isKey = (key: string): boolean => key !== "" && key.isWellFormed() && Buffer.byteLength(key) <= MOST_KEY_BYTES

const holds = (stored: Stored | undefined, { ifAbsent, ifMatch }: PutOptions): boolean =>
  !(ifAbsent === true && stored !== undefined) && (ifMatch === undefined || ifMatch === stored?.head.etag)

async function fetchFrom(
  find: (ref: ObjectRef) => Result<Stored>,
  ref: ObjectRef,
  options: FetchOptions,
): Promise<Result<FetchedObject>> {
  const { toFile, signal } = options
  const found = fetchable(find(ref), ref, options)
  const written = await attempt("scratch", "an object", async () =>
    found.ok ? done(await writeFile(toFile, found.value.bytes)) : found,
  )
  const fetched = signal.aborted ? refused("stopped", ref) : written
  if (!fetched.ok) await rm(toFile, { force: true })
  if (!found.ok) return found
  if (!fetched.ok) return fetched
  const { head, bytes } = found.value
  const hash = await openContentHash(options)
  hash.add(bytes)
  return done({ ...head, ...hash.both() })
}

function fetchable(found: Result<Stored>, ref: ObjectRef, { ifMatch, maxBytes }: FetchOptions): Result<Stored> {
  if (!found.ok) return found
  const { etag, sizeBytes } = found.value.head
  if (etag !== ifMatch) return refused("store/precondition-failed", ref)
  return sizeBytes > maxBytes ? refused("store/too-large", ref) : found
}

function rangeOf(
  found: Result<Stored>,
  ref: ObjectRef,
  { start, end, ifMatch, signal }: RangeOptions,
): Result<Uint8Array> {
  if (signal?.aborted) return refused("stopped", ref)
  if (!found.ok) return found
  const { head, bytes } = found.value
  if (ifMatch !== undefined && ifMatch !== head.etag) return refused("store/precondition-failed", ref)
  const isInside = Number.isSafeInteger(start) && start >= 0 && Math.min(end, bytes.length) > start
  return isInside ? done(bytes.slice(start, end)) : refused("store/range-not-satisfiable", ref)
}

function headOf(
  { bucket, key }: ObjectRef,
  bytes: Uint8Array,
  { options, nowMs }: { readonly options: PutOptions; readonly nowMs: number },
): ObjectHead {
  const etag = createHash("sha256").update(bytes).digest("hex").slice(0, 32)
  return {
    bucket,
    key,
    etag,
    versionId: null,
    sourceVersion: `${etag}-${nowMs}-${bytes.length}`,
    sizeBytes: bytes.length,
    lastModifiedMs: nowMs,
    contentType: options.contentType,
    metadata: { ...options.metadata },
  }
}

const entryOf = ({ bucket, key, etag, sizeBytes, lastModifiedMs, sourceVersion }: ObjectHead): ObjectEntry => ({
  bucket,
  key,
  etag,
  sizeBytes,
  lastModifiedMs,
  sourceVersion,
})

const mapped = <T, U>(result: Result<T>, map: (value: T) => U): Result<U> =>
  result.ok ? done(map(result.value)) : result
