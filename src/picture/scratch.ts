// Room for temporary files of one job, and what a full or lost scratch folder means.

import { mkdtemp, readdir, rm, rmdir, stat, statfs, unlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { done, type Failure, failed, failure, type Result } from "../events/result.ts"
import { makeFolder } from "../system/folders.ts"
import { isAlive, type Owner, ownerOf, ownerTag, thisOwner } from "../system/owner.ts"
import type { Scratch, ScratchFolder } from "./model.ts"

export type ScratchOptions = {
  /** Folder that holds the jobs' folders; made when it is missing. */
  readonly root: string
  /** Existing memory-backed folder, preferred while a job needs at most half of what is free in it; null for none. */
  readonly memoryRoot?: string | null
  /** Room for the intermediate picture and the outputs of one job, bytes. */
  readonly workingBytes?: number
}

const WORKING_BYTES = 48 * 2 ** 20
const FOLDER_MODE = 0o700
/** No job lives this long: what another host or container left behind longer ago is nobody's. */
const FOREIGN_AGE_MS = 24 * 3_600_000

/** A job's folder and the bytes it may still come to hold. */
type JobFolder = { readonly folder: string; readonly needBytes: number }

/**
 * Where scratch space is: the operator's folder, else memory where there is plenty and the system's temporary folder.
 * Job folders are made there directly, under names that nobody can foresee.
 */
export const scratchPlaces = (chosen: string | null): ScratchOptions =>
  chosen === null ? { root: tmpdir(), memoryRoot: "/dev/shm" } : { root: chosen, memoryRoot: null }

/** Opens scratch space and removes what dead processes left in it. Trouble with the folder shows in `open`. */
export async function openScratch(options: ScratchOptions): Promise<Scratch> {
  const owner = await thisOwner()
  const roots = [
    ...(options.memoryRoot ? [{ path: options.memoryRoot, share: 0.5, isMade: false }] : []),
    { path: options.root, share: 1, isMade: true },
  ]
  for (const root of roots) await sweep(root.path, owner)
  const held = new Set<JobFolder>()
  return {
    async open(sizeBytes) {
      const needBytes = sizeBytes + (options.workingBytes ?? WORKING_BYTES)
      let refusal: Failure | null = null
      for (const root of roots) {
        const opened = await openIn(root, { owner, needBytes, held })
        if (opened.ok) return opened
        refusal = opened.failure
      }
      return failed(refusal ?? noRoom(needBytes, 0))
    },
  }
}

type Root = { readonly path: string; readonly share: number; readonly isMade: boolean }
type RoomRequest = { readonly owner: Owner; readonly needBytes: number; readonly held: Set<JobFolder> }

async function openIn(root: Root, { owner, needBytes, held }: RoomRequest): Promise<Result<ScratchFolder>> {
  return onScratch(async () => {
    if (root.isMade) await makeFolder(root.path, FOLDER_MODE)
    const { bavail, bsize } = await statfs(root.path)
    // What the jobs have written already is only looked at where room is short: with many under way that takes a while.
    if (needBytes > (bavail * bsize - needOf(root.path, held)) * root.share) {
      const freeBytes = bavail * bsize - (await promisedBytes(root.path, held))
      if (needBytes > freeBytes * root.share) return failed(noRoom(needBytes, freeBytes))
    }
    const folder = await mkdtemp(join(resolve(root.path), `${ownerTag(owner)}-`))
    const claim = { folder, needBytes }
    held.add(claim)
    return done({
      folder,
      sourceFile: (extension) => join(folder, `source${extension}`),
      async remove() {
        await removeFolder(folder)
        held.delete(claim)
      },
    })
  })
}

/** A job leaves a few files in its folder, which are removed by name; whatever else there is takes a closer look. */
async function removeFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  const removed = await Promise.all(names.map((name) => isDone(unlink(join(folder, name)))))
  if (removed.every(Boolean) && (await isDone(rmdir(folder)))) return
  await rm(folder, { recursive: true, force: true, maxRetries: 3 })
}

const isDone = (change: Promise<void>): Promise<boolean> =>
  change.then(
    () => true,
    () => false,
  )

/** All that the jobs under way may write, as if none of it were written. */
const needOf = (root: string, held: ReadonlySet<JobFolder>): number =>
  [...held].reduce((sum, { folder, needBytes }) => sum + (dirname(folder) === resolve(root) ? needBytes : 0), 0)

/** What the jobs under way will still write: their need less what they have written already. */
async function promisedBytes(root: string, held: ReadonlySet<JobFolder>): Promise<number> {
  let bytes = 0
  for (const { folder, needBytes } of held) {
    if (dirname(folder) === resolve(root)) bytes += Math.max(0, needBytes - (await usedBytes(folder)))
  }
  return bytes
}

async function usedBytes(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => [])
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (file) => file.size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function sweep(root: string, owner: Owner): Promise<void> {
  for (const name of await readdir(root).catch(() => [])) {
    if (await isLeftOver(join(root, name), ownerOf(name), owner)) {
      await onScratch(async () => done(await rm(join(root, name), { recursive: true, force: true })))
    }
  }
}

async function isLeftOver(folder: string, itsOwner: Owner | null, here: Owner): Promise<boolean> {
  if (itsOwner === null) return false
  const alive = await isAlive(itsOwner, here)
  if (alive !== null) return !alive
  const changedMs = await stat(folder).then(
    (found) => found.mtimeMs,
    () => Number.POSITIVE_INFINITY,
  )
  return Date.now() - changedMs > FOREIGN_AGE_MS
}

const mebibytes = (bytes: number): string => `${Math.max(0, Math.round(bytes / 2 ** 20))} MiB`

const noRoom = (needBytes: number, freeBytes: number): Failure =>
  failure(
    "scratch/full",
    `A job needs ${mebibytes(needBytes)} of temporary space, ${mebibytes(freeBytes)} are free; make room or set another folder.`,
  )

const WORLDLY = new Set([
  ...[
    "ENOSPC",
    "EDQUOT",
    "EACCES",
    "EPERM",
    "EROFS",
    "ENOTDIR",
    "EEXIST",
    "ENOENT",
    "EIO",
    "EMFILE",
    "ENFILE",
    "EBUSY",
  ],
])

/** Work on temporary files. Trouble with their folder is an outage of this machine, never the frame's fault: scratch/full. */
export async function onScratch<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work()
  } catch (error) {
    return failed(scratchFailure(error))
  }
}

/** The failure that trouble with temporary files is; throws what is none. */
export function scratchFailure(error: unknown): Failure {
  const code = error instanceof Error && "code" in error ? String(error.code) : ""
  if (!WORLDLY.has(code)) throw error
  return failure(
    "scratch/full",
    `The folder for temporary files cannot be used (${code}); check its permissions and room.`,
  )
}
