import { lstat, readdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { orNull } from "../file-errors.ts"
import { vacate } from "./claim.ts"
import { isHashed } from "./keys.ts"
import { isAbandoned, ownerOfUpload } from "./owner.ts"
import { metadataFolderOf, type Place, statOrNull } from "./place.ts"
import { removeSidecar } from "./sidecar.ts"
import { etagOf } from "./version.ts"

type Folder = Pick<Place, "folder">

type Upload = { readonly path: string; readonly etag: string; readonly isAbandoned: boolean }

/**
 * Removes what writers left that died in this folder: half-written uploads, claims, and sidecars of versions that never
 * became visible or are no more (except under a hashed name, which does not tell the object). Where nobody died, a name
 * with a single sidecar is not looked at, so the cost does not grow with the number of healthy objects. The uploads go
 * last: should this sweep die, too, the next one sees that there is something to do.
 */
export async function sweepFolder(place: Folder): Promise<void> {
  const folder = metadataFolderOf(place)
  const names = (await readdir(folder).catch(orNull("ENOENT", "ENOTDIR"))) ?? []
  for (const name of names) if (name.endsWith(".claim")) await vacate(join(folder, name))
  const uploads = await uploadsOf(folder, names)
  const abandoned = uploads.filter((upload) => upload.isAbandoned)
  const living = new Set(uploads.filter((upload) => !upload.isAbandoned).map(({ etag }) => etag))
  for (const [name, etags] of sidecarsByName(names))
    if (etags.length > 1 || abandoned.length > 0) await sweepSidecars({ ...place, name }, etags, living)
  for (const { path } of abandoned) await rm(path, { recursive: true, force: true })
}

async function uploadsOf(folder: string, names: readonly string[]): Promise<readonly Upload[]> {
  const uploads: Upload[] = []
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
  place: Folder & Pick<Place, "name">,
  etags: readonly string[],
  living: ReadonlySet<string>,
): Promise<void> {
  const now = await statOrNull(join(place.folder, place.name))
  const current = now === null ? null : etagOf(now)
  for (const etag of etags) if (etag !== current && !living.has(etag)) await removeSidecar(place, etag)
}
