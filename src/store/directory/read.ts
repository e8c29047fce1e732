import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import { attempt } from "../file-errors.ts"
import type { ObjectHead, RangeOptions } from "../index.ts"
import { type Opened, openRegular, stopped } from "./copy.ts"
import { isPlain, linkRefused, orRootLost, type Place, statOrNull } from "./place.ts"
import { type Description, NOTHING_KNOWN, readSidecar, readSidecarOfCopy } from "./sidecar.ts"
import { etagOf, headOf } from "./version.ts"

/** Overwriting takes milliseconds; somebody who does it this often while we look is not going to stop. */
const MOST_LOOKS = 10

type Found = { readonly head: ObjectHead; readonly description: Description }

const missing = (place: Place) => failed(failure("store/missing", `${place.what} does not exist.`))

export const changed = (place: Place) =>
  failed(failure("store/precondition-failed", `${place.what} is not the version asked for, or was changed meanwhile.`))

export const find = async (place: Place): Promise<Result<Found>> =>
  orRootLost(place.bucket, await attempt("read", place.what, () => look(place)))

async function look(place: Place): Promise<Result<Found>> {
  if (!(await isPlain(place.folder))) return linkRefused(place.what)
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const seen = await statOrNull(place.path)
    if (seen?.isSymbolicLink()) return linkRefused(place.what)
    if (!seen?.isFile()) return missing(place)
    const own = await readSidecar(place, etagOf(seen))
    const known = own ?? (await readSidecarOfCopy(place, seen)) ?? NOTHING_KNOWN
    // A sidecar goes when its version does: without one, only a version that is still there has none.
    const now = own === null ? await statOrNull(place.path) : seen
    if (now === null || etagOf(now) !== etagOf(seen)) continue
    return done({ head: headOf(place.ref, seen, known), description: known })
  }
  return failed(failure("store/failed", `${place.what} changes faster than it can be read.`))
}

/** Opens the object for `work` and closes it, whatever comes. */
export async function withOpened<T>(place: Place, work: (opened: Opened) => Promise<Result<T>>): Promise<Result<T>> {
  const result = await attempt("read", place.what, async () => {
    if (!(await isPlain(place.folder))) return linkRefused(place.what)
    const opened = await openRegular(place.path)
    if (opened === null)
      return (await statOrNull(place.path))?.isSymbolicLink() ? linkRefused(place.what) : missing(place)
    try {
      return await work(opened)
    } finally {
      await opened.handle.close()
    }
  })
  return orRootLost(place.bucket, result)
}

export async function readRange(place: Place, options: RangeOptions): Promise<Result<Uint8Array>> {
  const { start, end, ifMatch, signal } = options
  if (signal?.aborted) return stopped(place.what)
  return withOpened(place, async (opened) => {
    if (ifMatch !== undefined && etagOf(opened.stat) !== ifMatch) return changed(place)
    const length = Math.min(end, Number(opened.stat.size)) - start
    if (!(Number.isSafeInteger(start) && start >= 0 && length > 0)) return outOfRange(place)
    const bytes = Buffer.allocUnsafe(length)
    const bytesRead = await readFully(opened, bytes, start)
    const after = await opened.handle.stat({ bigint: true })
    if (ifMatch !== undefined && etagOf(after) !== ifMatch) return changed(place)
    if (signal?.aborted) return stopped(place.what)
    return bytesRead > 0 ? done(bytes.subarray(0, bytesRead)) : outOfRange(place)
  })
}

const outOfRange = (place: Place) =>
  failed(failure("store/range-not-satisfiable", `${place.what} has no bytes in the range asked for.`))

async function readFully({ handle }: Opened, bytes: Buffer, start: number): Promise<number> {
  let at = 0
  while (at < bytes.length) {
    const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at)
    if (bytesRead === 0) break
    at += bytesRead
  }
  return at
}
