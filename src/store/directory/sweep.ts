import { lstat, readdir, readFile, unlink } from "node:fs/promises"
import { join } from "node:path"
import { orNull } from "../file-errors.ts"
import { isHashed } from "./keys.ts"
import { isAbandoned, ownerOfUpload } from "./owner.ts"
import { metadataFolderOf, type Place, statOrNull } from "./place.ts"
import { etagOf } from "./version.ts"

/**
 * Removes what writers left that died in this folder: half-written uploads, claims, and sidecars of versions that never
 * became visible or are no more (except where the name is hashed and does not tell the object). Of a name with a single sidecar nothing is asked, so the cost does not grow with the
 * number of healthy objects.
 */
export async function sweepFolder(place: Pick<Place, "folder">): Promise<void> {
  const folder = metadataFolderOf(place)
  const names = await readdir(folder)
  for (const name of names) {
    const writer = name.endsWith(".claim") ? await claimant(join(folder, name)) : ownerOfUpload(name)
    if (writer !== null) await removeAbandoned(join(folder, name), writer)
  }
  for (const [name, etags] of sidecarsByName(names)) if (etags.length > 1) await sweepSidecars(place, name, etags)
}

/** Whoever wrote a claim; an empty text when the writer died before it could say, null when the claim is gone. */
export const claimant = (path: string): Promise<string | null> => readFile(path, "utf8").catch(orNull("ENOENT"))

/** True when the file is out of the way. */
export async function removeAbandoned(path: string, writer: string): Promise<boolean> {
  const stat = await lstat(path).catch(orNull("ENOENT"))
  if (stat !== null && !isAbandoned(writer, stat.mtimeMs)) return false
  await unlink(path).catch(orNull("ENOENT"))
  return true
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

async function sweepSidecars(place: Pick<Place, "folder">, name: string, etags: readonly string[]): Promise<void> {
  const now = await statOrNull(join(place.folder, name))
  const current = now === null ? null : etagOf(now)
  for (const etag of etags)
    if (etag !== current) await removeAbandoned(join(metadataFolderOf(place), `${name}.${etag}.json`), "")
}
