import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { vacate } from "./claim.ts"
import { isHashed } from "./keys.ts"
import { ownerOfUpload, removeAbandoned } from "./owner.ts"
import { metadataFolderOf, type Place, statOrNull } from "./place.ts"
import { etagOf } from "./version.ts"

/**
 * Removes what writers left that died in this folder: half-written uploads, claims, and sidecars of versions that never
 * became visible or are no more (except under a hashed name, which does not tell the object). Of a name with a single
 * sidecar nothing is asked, so the cost does not grow with the number of healthy objects.
 */
export async function sweepFolder(place: Pick<Place, "folder">): Promise<void> {
  const folder = metadataFolderOf(place)
  const names = await readdir(folder)
  for (const name of names) {
    const writer = ownerOfUpload(name)
    if (name.endsWith(".claim")) await vacate(join(folder, name))
    if (writer !== null) await removeAbandoned(join(folder, name), writer)
  }
  for (const [name, etags] of sidecarsByName(names)) if (etags.length > 1) await sweepSidecars(place, name, etags)
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
