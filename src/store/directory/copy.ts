import { type BigIntStats, constants } from "node:fs"
import { copyFile, type FileHandle, lstat, open, stat } from "node:fs/promises"
import { dirname } from "node:path"
import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import type { ContentHash } from "../content-hash.ts"
import { attempt, type Side } from "../file-errors.ts"

const CHUNK_BYTES = 1024 * 1024

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

export async function copyBytes(copy: Copy): Promise<Result<void>> {
  const { from, to, what, sizeBytes = Number.POSITIVE_INFINITY } = copy
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(1, sizeBytes)))
  for (let at = 0; at < sizeBytes; ) {
    if (copy.signal?.aborted) return stopped(what)
    const length = Math.min(buffer.length, sizeBytes - at)
    const read = await attempt(copy.fromSide, what, async () => done(await from.read(buffer, 0, length, at)))
    if (!read.ok) return read
    const { bytesRead } = read.value
    if (bytesRead === 0) break
    const position = at
    const written = await attempt(copy.toSide, what, async () => done(await writeAll(to, buffer, bytesRead, position)))
    if (!written.ok) return written
    copy.hash?.add(buffer.subarray(0, bytesRead))
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
