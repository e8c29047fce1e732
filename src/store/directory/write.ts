import { type FileHandle, open, unlink } from "node:fs/promises"
import { join } from "node:path"
import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import { openContentHash } from "../content-hash.ts"
import { attempt, orNull } from "../file-errors.ts"
import type { ObjectHead, PutOptions } from "../index.ts"
import { copyBytes } from "./copy.ts"
import { uploadName } from "./owner.ts"
import { ensureFolder, linkRefused, metadataFolderOf, type Place, rootLost, statOrNull, syncFolder } from "./place.ts"
import { publish, refusal } from "./publish.ts"
import { removeSidecar, writeSidecar } from "./sidecar.ts"
import { sweepFolder } from "./sweep.ts"
import { etagOf, headOf } from "./version.ts"

type Stat = NonNullable<Awaited<ReturnType<typeof statOrNull>>>

/** A finished, durable copy that has no name among the objects yet. */
type Upload = { readonly path: string; readonly stat: Stat; readonly etag: string; readonly contentHash: string }

/** Folders that this store has swept already: once is enough, what dies later is for the next process. */
export type Swept = Set<string>

export type Put = { readonly place: Place; readonly fromFile: string; readonly options: PutOptions }

/**
 * The order decides what a crash leaves: the upload durable, then its sidecar durable, then the name (one step), then the
 * sidecar of the version before is removed. At any instant the object and what is known of it belong together.
 */
export async function putFile(put: Put, swept: Swept): Promise<Result<ObjectHead>> {
  const { place, options } = put
  const lost = await rootLost(place.bucket)
  if (lost !== null) return lost
  const ready = await attempt("write", place.what, () => prepare(place, swept))
  if (!ready.ok) return ready
  const before = await attempt("write", place.what, () => versionBefore(place))
  if (!before.ok) return before
  const refused = refusal(place, before.value && etagOf(before.value), options)
  if (refused !== null) return refused
  const path = join(metadataFolderOf(place), uploadName())
  const finished = await finish(put, path, before.value)
  if (!finished.ok) await attempt("write", place.what, async () => done(await unlink(path).catch(orNull("ENOENT"))))
  return finished
}

async function prepare(place: Place, swept: Swept): Promise<Result<void>> {
  const { root } = place.bucket
  const metadata = metadataFolderOf(place)
  const plain = (await ensureFolder(root, place.folder)) && (await ensureFolder(root, metadata))
  if (!plain) return linkRefused(place.what)
  if (!swept.has(metadata)) await sweepFolder(place)
  swept.add(metadata)
  return done(undefined)
}

async function versionBefore(place: Place): Promise<Result<Stat | null>> {
  const stat = await statOrNull(place.path)
  if (stat === null || stat.isFile()) return done(stat)
  if (stat.isSymbolicLink()) return linkRefused(place.what)
  return failed(failure("store/bad-key", `${place.what} cannot be stored: its name is taken by something else.`))
}

async function finish({ place, fromFile, options }: Put, path: string, before: Stat | null) {
  const uploaded = await upload(place, { fromFile, path }, before)
  if (!uploaded.ok) return uploaded
  const { etag, stat } = uploaded.value
  const named = await attempt("write", place.what, async () => {
    await writeSidecar(place, uploaded.value, options)
    const published = await publish(place, path, options)
    if (published.ok) await syncFolder(place.folder)
    return published
  })
  await dropObsolete(place, before === null ? [etag] : [etag, etagOf(before)])
  return named.ok ? done(headOf(place.ref, stat, { ...options })) : named
}

/** Asks what is visible now: a failure after the name was given must not take what describes it. The rest is swept later. */
async function dropObsolete(place: Place, etags: readonly string[]): Promise<void> {
  await attempt("write", place.what, async () => {
    const now = await statOrNull(place.path)
    for (const etag of etags) if (now === null || etagOf(now) !== etag) await removeSidecar(place, etag)
    return done(undefined)
  })
}

async function upload(
  place: Place,
  { fromFile, path }: { readonly fromFile: string; readonly path: string },
  before: Stat | null,
): Promise<Result<Upload>> {
  const { what } = place
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
async function sealed(to: FileHandle, path: string, before: Stat | null): Promise<Omit<Upload, "contentHash">> {
  const written = await to.stat({ bigint: true })
  if (before !== null && written.mtimeNs <= before.mtimeNs) {
    const laterS = Number(before.mtimeNs + 1000n) / 1e9
    await to.utimes(laterS, laterS)
  }
  await to.sync()
  const stat = await to.stat({ bigint: true })
  return { path, stat, etag: etagOf(stat) }
}
