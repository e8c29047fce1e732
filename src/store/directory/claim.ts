/**
 * Who writes in a folder: names of uploads, claims on the names of objects, and the removal of what dead writers left.
 */

import { createHash, randomUUID } from "node:crypto"
import { existsSync, readlinkSync } from "node:fs"
import { lstat, mkdir, readdir, rename, rm, rmdir, unlink, writeFile } from "node:fs/promises"
import { hostname } from "node:os"
import { dirname, join } from "node:path"
import { orNull } from "../file-errors.ts"
import { isHashed, metadataFolderOf, type ObjectFile, statOrNull } from "./object-file.ts"
import { etagOf, removeSidecar } from "./version.ts"

/** Windows refuses to rename over any folder, and says so as a matter of rights. */
const TAKEN = ["ENOTEMPTY", "EEXIST", ...(process.platform === "win32" ? ["EPERM", "EACCES"] : [])]

/**
 * Runs `work` as the only one of all processes that hold this claim; null, at once, when somebody else holds it.
 *
 * A claim is a folder with one file that names its owner, moved into place as a whole: renaming over a folder that is not
 * empty fails on every file system, so the claim and its owner appear in one step, and of those that take over a dead
 * one's claim by removing his file one wins too.
 */
export async function withClaim<T>(path: string, work: () => Promise<T>): Promise<T | null> {
  const mine = uploadName()
  const isMine = (await take(path, mine)) || ((await vacate(path)) && (await take(path, mine)))
  if (!isMine) return null
  try {
    return await work()
  } finally {
    await unlink(join(path, mine)).catch(orNull("ENOENT"))
    await removeEmpty(path)
  }
}

async function take(path: string, mine: string): Promise<boolean> {
  const prepared = join(dirname(path), mine)
  try {
    await mkdir(prepared)
    await writeFile(join(prepared, mine), "")
    return await rename(prepared, path).then(() => true, isFalseFor(TAKEN))
  } finally {
    await rm(prepared, { recursive: true, force: true })
  }
}

/** True when no living process holds the claim any more. */
async function vacate(path: string): Promise<boolean> {
  const owners = (await readdir(path).catch(orNull("ENOENT"))) ?? []
  for (const file of owners) if (!(await removeAbandoned(join(path, file), ownerOfUpload(file) ?? ""))) return false
  await removeEmpty(path)
  return true
}

/** Not empty: the next owner has it already. */
const removeEmpty = (path: string): Promise<unknown> => rmdir(path).catch(orNull("ENOENT", ...TAKEN))

const isFalseFor =
  (codes: readonly string[]) =>
  (error: unknown): false => {
    orNull(...codes)(error)
    return false
  }

/** Process ids mean something on one host only, and in one container only. */
const PROCESS_NAMES = "/proc/self/ns/pid"
const host = createHash("sha256")
  .update(`${hostname()} ${existsSync(PROCESS_NAMES) ? readlinkSync(PROCESS_NAMES) : ""}`)
  .digest("hex")
  .slice(0, 12)

/** A writer that has not touched its file for so long is taken for dead, wherever it runs. */
const ABANDONED_AFTER_MS = 3_600_000

/** Who writes: host and process. */
export const owner = `${host}-${process.pid}`

const UPLOAD = /^([0-9a-f]{12}-\d+)-[0-9a-f-]{36}\.upload$/

export const uploadName = (): string => `${owner}-${randomUUID()}.upload`

/** The owner that an upload's file name tells; null for any other file. */
const ownerOfUpload = (name: string): string | null => UPLOAD.exec(name)?.[1] ?? null

/** Nobody will finish this file: its process is gone, or was another one with our id, or it was not touched for an hour. */
function isAbandoned(writer: string, mtimeMs: number): boolean {
  if (Date.now() - mtimeMs > ABANDONED_AFTER_MS) return true
  const [onHost, pid] = writer.split("-")
  if (onHost !== host) return false
  if (writer === owner) return mtimeMs < Date.now() - process.uptime() * 1000
  return !isAlive(Number(pid))
}

/** True when the file, or the folder of a claim not yet made, is out of the way. */
async function removeAbandoned(path: string, writer: string): Promise<boolean> {
  const stat = await lstat(path).catch(orNull("ENOENT"))
  if (stat !== null && !isAbandoned(writer, stat.mtimeMs)) return false
  await rm(path, { recursive: true, force: true })
  return true
}

/** Signal 0 asks without sending; a process of another user answers EPERM and lives. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH")
  }
}

type Folder = Pick<ObjectFile, "folder">

type AbandonableUpload = { readonly path: string; readonly etag: string; readonly isAbandoned: boolean }

/**
 * Removes what writers left that died in this folder: half-written uploads, claims, and sidecars of versions that never
 * became visible or are no more (except under a hashed name, which does not tell the object). Where nobody died, a name
 * with a single sidecar is not looked at, so the cost does not grow with the number of healthy objects. The uploads go
 * last: should this sweep die, too, the next one sees that there is something to do.
 */
export async function sweepFolder(object: Folder): Promise<void> {
  const folder = metadataFolderOf(object)
  const names = (await readdir(folder).catch(orNull("ENOENT", "ENOTDIR"))) ?? []
  for (const name of names) if (name.endsWith(".claim")) await vacate(join(folder, name))
  const uploads = await uploadsOf(folder, names)
  const abandoned = uploads.filter((upload) => upload.isAbandoned)
  const living = new Set(uploads.filter((upload) => !upload.isAbandoned).map(({ etag }) => etag))
  for (const [name, etags] of sidecarsByName(names))
    if (etags.length > 1 || abandoned.length > 0) await sweepSidecars({ ...object, name }, etags, living)
  for (const { path } of abandoned) await rm(path, { recursive: true, force: true })
}

async function uploadsOf(folder: string, names: readonly string[]): Promise<readonly AbandonableUpload[]> {
  const uploads: AbandonableUpload[] = []
  for (const name of names) {
    const writer = ownerOfUpload(name)
    if (writer === null) continue
    const path = join(folder, name)
    const stat = await lstat(path, { bigint: true }).catch(orNull("ENOENT"))
    if (stat !== null)
      uploads.push({ path, etag: etagOf(stat), isAbandoned: isAbandoned(writer, Number(stat.mtimeMs)) })
  }
  return uploads
}

function sidecarsByName(names: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const file of names) {
    const [, name, etag] = /^(.+)\.([\d-]+)\.json$/s.exec(file) ?? []
    if (name === undefined || etag === undefined || isHashed(name)) continue
    found.set(name, [...(found.get(name) ?? []), etag])
  }
  return found
}

/**
 * A sidecar is written when its upload is finished and before that is given its name, so one that describes neither a
 * living writer's upload nor, asked after that, what has the name now, describes nothing.
 */
async function sweepSidecars(
  object: Folder & Pick<ObjectFile, "name">,
  etags: readonly string[],
  living: ReadonlySet<string>,
): Promise<void> {
  const now = await statOrNull(join(object.folder, object.name))
  const current = now === null ? null : etagOf(now)
  for (const etag of etags) if (etag !== current && !living.has(etag)) await removeSidecar(object, etag)
}
