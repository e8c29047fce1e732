import { open, rm } from "node:fs/promises"
import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import { contentHashOf, openContentHash } from "../content-hash.ts"
import { attempt } from "../file-errors.ts"
import type { FetchedObject, FetchOptions } from "../index.ts"
import { cloneFile, copyBytes, type Opened, stopped } from "./copy.ts"
import { type Place, statOrNull } from "./place.ts"
import { changed, find, withOpened } from "./read.ts"
import { etagOf } from "./version.ts"

export async function fetchFile(place: Place, options: FetchOptions): Promise<Result<FetchedObject>> {
  const fetched = await fetchVersion(place, options)
  if (!fetched.ok) await attempt("scratch", place.what, () => clear(options.toFile))
  return fetched
}

async function fetchVersion(place: Place, options: FetchOptions): Promise<Result<FetchedObject>> {
  if (options.signal.aborted) return stopped(place.what)
  const found = await find(place)
  if (!found.ok) return found
  const { head } = found.value
  if (head.etag !== options.ifMatch) return changed(place)
  if (head.sizeBytes > options.maxBytes)
    return failed(
      failure("store/too-large", `${place.what} has ${head.sizeBytes} bytes; the limit is ${options.maxBytes}.`),
    )
  const copied = await withOpened(place, (source) => copyOut(place, source, options))
  return copied.ok ? done({ ...head, contentHash: copied.value }) : copied
}

/** The hash of the bytes. A clone copies nothing, so its source is read for the hash alone. */
async function copyOut(place: Place, source: Opened, options: FetchOptions): Promise<Result<string>> {
  if (etagOf(source.stat) !== options.ifMatch) return changed(place)
  const copied = await attempt("scratch", place.what, async () => {
    await clear(options.toFile)
    const cloned = await cloneFile(source, place.path, options.toFile)
    return cloned ? hashSource(place, source, options) : copyToNew(place, source, options)
  })
  if (!copied.ok) return copied
  // Written in place the first one differs, replaced the second: a clone may have been made by name.
  const after = [await source.handle.stat({ bigint: true }), await statOrNull(place.path)]
  return after.every((stat) => stat !== null && etagOf(stat) === options.ifMatch) ? copied : changed(place)
}

async function hashSource(place: Place, { handle }: Opened, { signal }: FetchOptions): Promise<Result<string>> {
  const hashed = await attempt("read", place.what, async () => done(await contentHashOf(handle, signal)))
  return signal.aborted ? stopped(place.what) : hashed
}

async function copyToNew(place: Place, source: Opened, { toFile, signal }: FetchOptions): Promise<Result<string>> {
  const to = await open(toFile, "wx")
  try {
    const sizeBytes = Number(source.stat.size)
    const hash = await openContentHash()
    const copied = await copyBytes({
      from: source.handle,
      fromSide: "read",
      to,
      toSide: "scratch",
      what: place.what,
      sizeBytes,
      signal,
      hash,
    })
    return copied.ok ? done(hash.hex()) : copied
  } finally {
    await to.close()
  }
}

const clear = async (file: string): Promise<Result<void>> => done(await rm(file, { force: true }))
