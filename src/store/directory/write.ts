/** Stores and deletes objects of a folder, each whole or not at all, under the caller's condition. */

import { type FileHandle, link, open, rename, unlink } from "node:fs/promises"
import { join } from "node:path"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { openContentHash } from "../content-hash.ts"
import { attempt, errnoOf, orNull } from "../file-errors.ts"
import type { ObjectHead, PutOptions } from "../index.ts"
import { sweepFolder, uploadName, withClaim } from "./claim.ts"
import { claimName, copyBytes, metadataFolderOf, type ObjectFile, rootLost, statOrNull } from "./object-file.ts"
import { ensureFolder, isPlain, linkRefused } from "./plain-folder.ts"
import { syncFolder } from "./sync-folder.ts"
import { etagOf, headOf, removeSidecar, writeSidecar } from "./version.ts"

type Stat = NonNullable<Awaited<ReturnType<typeof statOrNull>>>

/** A finished, durable copy that has no name among the objects yet. */
type FinishedUpload = {
  readonly path: string
  readonly stat: Stat
  readonly etag: string
  readonly contentHash: string
}

/** Folders that this store has swept already: once is enough, what dies later is for the next process. */
export type Swept = Set<string>

type Put = { readonly object: ObjectFile; readonly fromFile: string; readonly options: PutOptions }

/**
 * The order decides what a crash leaves: the upload durable, then its sidecar durable, then the name (one step), then the
 * sidecar of the version before is removed. At any instant the object and what is known of it belong together.
 */
export async function putFile(put: Put, swept: Swept): Promise<Result<ObjectHead>> {
  const { object, options } = put
  const lost = await rootLost(object.bucket)
  if (lost !== null) return lost
  const ready = await attempt("write", object.what, () => prepare(object, swept))
  if (!ready.ok) return ready
  const before = await attempt("write", object.what, () => versionBefore(object))
  if (!before.ok) return before
  const refused = refusal(object, before.value && etagOf(before.value), options)
  if (refused !== null) return refused
  const path = join(metadataFolderOf(object), uploadName())
  const finished = await finish(put, path, before.value)
  if (!finished.ok) await attempt("write", object.what, async () => done(await unlink(path).catch(orNull("ENOENT"))))
  return finished
}

async function prepare(object: ObjectFile, swept: Swept): Promise<Result<void>> {
  const metadata = metadataFolderOf(object)
  // No link leads there: then none leads to the folder above it, the object's own.
  if (!(await ensureFolder(object.bucket.root, metadata))) return linkRefused(object.what)
  if (!swept.has(metadata)) await sweepFolder(object)
  swept.add(metadata)
  return done(undefined)
}

async function versionBefore(object: ObjectFile): Promise<Result<Stat | null>> {
  const stat = await statOrNull(object.path)
  if (stat === null || stat.isFile()) return done(stat)
  if (stat.isSymbolicLink()) return linkRefused(object.what)
  return failed(failure("store/bad-key", `${object.what} cannot be stored: its name is taken by something else.`))
}

async function finish({ object, fromFile, options }: Put, path: string, before: Stat | null) {
  const uploaded = await upload(object, { fromFile, path }, before)
  if (!uploaded.ok) return uploaded
  const { etag, stat } = uploaded.value
  const named = await attempt("write", object.what, async () => {
    await writeSidecar(object, uploaded.value, options)
    const published = await publish(object, path, options)
    if (published.ok) await syncFolder(object.folder)
    return published
  })
  const isFirst = named.ok && before === null
  if (!isFirst) await dropObsolete(object, before === null ? [etag] : [etag, etagOf(before)])
  return named.ok ? done(headOf(object.ref, stat, { ...options })) : named
}

/** Asks what is visible now: a failure after the name was given must not take what describes it. The rest is swept later. */
async function dropObsolete(object: ObjectFile, etags: readonly string[]): Promise<void> {
  await attempt("write", object.what, async () => {
    const now = await statOrNull(object.path)
    for (const etag of etags) if (now === null || etagOf(now) !== etag) await removeSidecar(object, etag)
    return done(undefined)
  })
}

async function upload(
  object: ObjectFile,
  { fromFile, path }: { readonly fromFile: string; readonly path: string },
  before: Stat | null,
): Promise<Result<FinishedUpload>> {
  const { what } = object
  const from = await attempt("scratch", what, async () => done(await open(fromFile, "r")))
  if (!from.ok) return from
  try {
    return await attempt("write", what, async () => {
      const to = await open(path, "wx", 0o666)
      try {
        const hash = await openContentHash()
        const copied = await copyBytes({ from: from.value, fromSide: "scratch", to, toSide: "write", what, hash })
        return copied.ok ? done({ ...(await sealed(to, path, before)), contentHash: hash.hex() }) : copied
      } finally {
        await to.close()
      }
    })
  } finally {
    await from.value.close()
  }
}

/**
 * Durable, and later than the version before: a file system gives a freed inode out again, and with a coarse or stepping
 * clock a third version could otherwise carry the first one's etag.
 */
async function sealed(to: FileHandle, path: string, before: Stat | null): Promise<Omit<FinishedUpload, "contentHash">> {
  if (before !== null && (await to.stat({ bigint: true })).mtimeNs <= before.mtimeNs) {
    const laterS = Number(before.mtimeNs + 1000n) / 1e9
    await to.utimes(laterS, laterS)
  }
  await to.sync()
  const stat = await to.stat({ bigint: true })
  return { path, stat, etag: etagOf(stat) }
}

export type Condition = Pick<PutOptions, "ifMatch" | "ifAbsent">

/** Why the condition does not hold for the version that is there now (null: none); null when it holds. */
function refusal(object: ObjectFile, etag: string | null, { ifMatch, ifAbsent }: Condition) {
  if (ifAbsent === true && etag !== null) return preconditionFailed(object, "exists already")
  if (ifMatch !== undefined && etag !== ifMatch) return preconditionFailed(object, "is not the version asked for")
  return null
}

const preconditionFailed = (object: ObjectFile, why: string) =>
  failed(failure("store/precondition-failed", `${object.what} ${why}.`))

/**
 * Gives the finished upload its name, in one step. Where it must be the first, a hard link decides: it fails when the
 * name is taken, in any process. Everything else that has a condition, and file systems without hard links, take a claim
 * on the name, of which one wins and the others are refused at once: that binds the writers that ask for conditions, not
 * those that do not.
 */
export async function publish(
  object: ObjectFile,
  upload: string,
  condition: Condition,
  makeLink: typeof link = link,
): Promise<Result<void>> {
  if (condition.ifAbsent === true && condition.ifMatch === undefined) {
    const linked = await linkIfAbsent(makeLink, upload, object.path)
    if (linked === "taken") return preconditionFailed(object, "exists already")
    if (linked === "done") return done(await unlink(upload))
  } else if (condition.ifMatch === undefined) {
    return done(await rename(upload, object.path))
  }
  const published = await withClaim(join(metadataFolderOf(object), claimName(object.name)), async () => {
    const now = await statOrNull(object.path)
    return refusal(object, now && etagOf(now), condition) ?? done(await rename(upload, object.path))
  })
  return published ?? preconditionFailed(object, "is being written by somebody else")
}

const linkIfAbsent = (makeLink: typeof link, upload: string, path: string): Promise<"done" | "taken" | "cannot"> =>
  makeLink(upload, path).then(
    () => "done",
    (error: unknown) => {
      const code = errnoOf(error) ?? ""
      if (code === "EEXIST") return "taken"
      if (NO_HARD_LINKS.includes(code)) return "cannot"
      throw error
    },
  )

/** EPERM: the file system has none (FAT, some FUSE) or the kernel forbids it; EMLINK: the file has all it can have. */
const NO_HARD_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV"]

/**
 * Deletes the file while it is this version. The claim on its name keeps those out who replace it on a condition, as every
 * writer of outputs does; the sidecar goes last, so that a crash leaves at most what the next sweep takes.
 */
export async function deleteFile(object: ObjectFile, ifMatch: string): Promise<Result<void>> {
  const lost = await rootLost(object.bucket)
  if (lost !== null) return lost
  return attempt("write", object.what, async () => {
    if ((await statOrNull(object.path)) === null) return done(undefined)
    if (!(await isPlain(object.folder))) return linkRefused(object.what)
    const metadata = metadataFolderOf(object)
    if (!(await ensureFolder(object.bucket.root, metadata))) return linkRefused(object.what)
    const deleted = await withClaim(join(metadata, claimName(object.name)), () => deleteVersion(object, ifMatch))
    return deleted ?? preconditionFailed(object, "is being written by somebody else")
  })
}

async function deleteVersion(object: ObjectFile, etag: string): Promise<Result<void>> {
  const now = await statOrNull(object.path)
  if (now === null) return done(undefined)
  if (!now.isFile() || etagOf(now) !== etag) return preconditionFailed(object, "is not the version asked for")
  await unlink(object.path).catch(orNull("ENOENT"))
  await syncFolder(object.folder)
  await removeSidecar(object, etag)
  return done(undefined)
}
