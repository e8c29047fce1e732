import { unlink } from "node:fs/promises"
import { join } from "node:path"
import { done, type Result } from "../../events/result.ts"
import { attempt, orNull } from "../file-errors.ts"
import { withClaim } from "./claim.ts"
import { claimName } from "./keys.ts"
import {
  ensureFolder,
  isPlain,
  linkRefused,
  metadataFolderOf,
  type Place,
  rootLost,
  statOrNull,
  syncFolder,
} from "./place.ts"
import { preconditionFailed } from "./publish.ts"
import { removeSidecar } from "./sidecar.ts"
import { etagOf } from "./version.ts"

/**
 * Deletes the file while it is this version. The claim on its name keeps those out who replace it on a condition, as every
 * writer of outputs does; the sidecar goes last, so that a crash leaves at most what the next sweep takes.
 */
export async function deleteFile(place: Place, ifMatch: string): Promise<Result<void>> {
  const lost = await rootLost(place.bucket)
  if (lost !== null) return lost
  return attempt("write", place.what, async () => {
    if ((await statOrNull(place.path)) === null) return done(undefined)
    if (!(await isPlain(place.folder))) return linkRefused(place.what)
    const metadata = metadataFolderOf(place)
    if (!(await ensureFolder(place.bucket.root, metadata))) return linkRefused(place.what)
    const deleted = await withClaim(join(metadata, claimName(place.name)), () => deleteVersion(place, ifMatch))
    return deleted ?? preconditionFailed(place, "is being written by somebody else")
  })
}

async function deleteVersion(place: Place, etag: string): Promise<Result<void>> {
  const now = await statOrNull(place.path)
  if (now === null) return done(undefined)
  if (!now.isFile() || etagOf(now) !== etag) return preconditionFailed(place, "is not the version asked for")
  await unlink(place.path).catch(orNull("ENOENT"))
  await syncFolder(place.folder)
  await removeSidecar(place, etag)
  return done(undefined)
}
