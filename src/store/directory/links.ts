// Links in a bucket: one that leads to a file of the same bucket is a second name of it, to be read and never to be written.

import { lstat, realpath } from "node:fs/promises"
import { basename, dirname, relative, sep } from "node:path"
import { isOutput } from "../../element/key.ts"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { attempt } from "../file-errors.ts"
import type { LinkEnd } from "../index.ts"
import { type Bucket, isReserved, type ObjectFile, statOrNull } from "./object-file.ts"
import { isPlain } from "./plain-folder.ts"

type Ended = { readonly kind: "file"; readonly path: string } | { readonly kind: Exclude<LinkEnd, "file"> }

/** What a link leads to, however many others are on the way. */
export async function endOfLink({ root }: Pick<Bucket, "root">, link: string): Promise<Ended> {
  const found = await realpath(link).then(
    (path) => ({ path }),
    (error: unknown) => ({ code: error instanceof Error && "code" in error ? error.code : null }),
  )
  if (!("path" in found)) {
    if (found.code === "ELOOP") return { kind: "circle" }
    return { kind: found.code === "ENOENT" || found.code === "ENOTDIR" ? "nowhere" : "outside" }
  }
  const { path } = found
  if (path !== root && !path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`)) return { kind: "outside" }
  const names = relative(root, path).split(sep)
  if (names.some(isReserved) || isOutput(names.join("/"))) return { kind: "ours" }
  const stat = await statOrNull(path)
  if (stat?.isDirectory()) return { kind: "folder" }
  return stat?.isFile() ? { kind: "file", path } : { kind: "nowhere" }
}

/**
 * The file that an object's name leads to as a link, in a folder that is reached without one; null where it is no such link, and
 * store/missing where it leads nowhere. Whoever reads it looks that no link is on the way to that file by then.
 */
export async function followed(object: ObjectFile): Promise<Result<ObjectFile | null>> {
  if (isOutput(object.ref.key)) return done(null)
  return attempt("read", object.what, async () => {
    const isLink = (await isPlain(object.folder)) && (await lstat(object.path)).isSymbolicLink()
    const end = isLink ? await endOfLink(object.bucket, object.path) : null
    if (end?.kind === "nowhere") return failed(failure("store/missing", `${object.what} is a link that leads nowhere.`))
    if (end?.kind !== "file") return done(null)
    return done({ ...object, path: end.path, folder: dirname(end.path), name: basename(end.path) })
  })
}
