import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Result } from "../../events/result.ts"
import { unwrap } from "../../events/testing/results.ts"
import type {
  FetchedObject,
  FetchOptions,
  ObjectEntry,
  ObjectHead,
  ObjectRef,
  ObjectStore,
  PutOptions,
} from "../index.ts"

/** A store with one bucket that is empty, for one test. */
export type OpenedBucket = {
  readonly store: ObjectStore
  readonly bucket: string
  /** Deletes an object as somebody else would: without a condition, and whatever it is. */
  erase(key: string): Promise<void>
  /** Another store over the same objects, as a later run would open it; null where they end with the process. */
  readonly reopen: (() => Promise<ObjectStore>) | null
  /** Puts the store out of reach until the returned function is called. */
  breakDown(): Promise<() => Promise<void>>
  release(): Promise<void>
}

type Options = Partial<PutOptions>

/** What the tests of a store do again and again, with local files that go when the test ends. */
export type StoreFixture = OpenedBucket & {
  ref(key: string): ObjectRef
  put(key: string, bytes: string | Uint8Array, options?: Options): Promise<Result<ObjectHead>>
  fetch(key: string, options: Omit<Partial<FetchOptions>, "toFile"> & { ifMatch: string }): Promise<Fetched>
  list(options?: { prefix?: string; startAfter?: string }): Promise<Result<ObjectEntry>[]>
}

/** `bytes` is null where no file is left. */
type Fetched = { readonly result: Result<FetchedObject>; readonly bytes: Buffer | null }

export async function openStoreFixture(opened: OpenedBucket): Promise<StoreFixture> {
  const folder = await mkdtemp(join(tmpdir(), "store-fixture-"))
  const { store, bucket } = opened
  const ref = (key: string): ObjectRef => ({ bucket, key })
  let files = 0
  const newFile = (): string => join(folder, `${++files}`)
  return {
    ...opened,
    ref,
    async put(key, bytes, options = {}) {
      const file = newFile()
      await writeFile(file, bytes)
      return store.put(ref(key), file, { contentType: "image/jpeg", tags: {}, metadata: {}, ...options })
    },
    async fetch(key, options) {
      const toFile = newFile()
      const signal = new AbortController().signal
      const result = await store.fetch(ref(key), { maxBytes: 1e9, signal, ...options, toFile })
      const isThere = (await readdir(folder)).includes(`${toFile.slice(folder.length + 1)}`)
      return { result, bytes: isThere ? await readFile(toFile) : null }
    },
    list: (options) => collected(store.list(bucket, options)),
    async release() {
      await store.close()
      await opened.release()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function collected<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const value of values) all.push(value)
  return all
}

/** "ok" or the failure's code: what most tests ask of a result. */
export const codeOf = (result: Result<unknown>): string => (result.ok ? "ok" : result.failure.code)

export const keysOf = (listed: readonly Result<ObjectEntry>[]): string[] => listed.map((entry) => unwrap(entry).key)

export const text = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString("utf8")

/** Keys that are ordinary to an artist and a trap to a path, a URL, a shell or an XML answer. */
export const ODD_KEYS: readonly string[] = [
  "shot 010/beauty 0001.exr",
  "50%/100%25.exr",
  "a+b&c=d;e/f#g?h.exr",
  "-rf/--help.exr",
  "line\nbreak/tab\t.exr",
  "シーン/ショット_0010.exr",
  "ünï/e\u0301 and \u00e9.exr",
  "🎬/take 🎥.exr",
  "'quoted' \"twice\" `thrice`.exr",
  "$HOME/~/*.exr",
  ".hidden/.proxies/...thumb.jpg",
  "\ufeffbom.exr",
]
