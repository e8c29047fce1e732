import { hasDotSegment } from "../../element/key.ts"

// Where the frames are that a file beside them names.

/** The file that names them: its bucket, and its folder with the slash; empty at the top. */
export type Place = { readonly bucket: string; readonly folder: string }

/**
 * The folder that a URL or a path means, if it is the file's own or one below it; null for all other places. The bucket may
 * be mounted anywhere, so a path from a root is followed from where it names the file's folder.
 */
export function statedFolder(url: string, { bucket, folder }: Place): string | null {
  const at = locationOf(url)
  if (at === null || (at.bucket !== null && at.bucket !== bucket)) return null
  const named = at.path === "" || at.path.endsWith("/") ? at.path : `${at.path}/`
  const path = named.replace(/^(?:\.\/)+/, "")
  if (/[\\\0]/.test(path) || hasDotSegment(path) || path.slice(1).includes("//")) return null
  if (at.bucket !== null) return path.startsWith(`/${folder}`) ? path.slice(1) : null
  if (!path.startsWith("/")) return folder + path
  // At the top of a bucket every path from a root ends in a folder below it, and none says which.
  const start = folder === "" ? -1 : path.lastIndexOf(`/${folder}`)
  return start < 0 ? null : path.slice(start + 1)
}

/** A path from a root or beside the file, or one in a bucket; null where the URL is of neither. */
function locationOf(url: string): { readonly bucket: string | null; readonly path: string } | null {
  const [, scheme, rest = ""] = /^([A-Za-z][A-Za-z0-9+.-]+):\/\/(.*)$/s.exec(url) ?? []
  const path =
    scheme === undefined && isOfDrive(url) ? url.replaceAll("\\", "/") : unescaped(scheme === undefined ? url : rest)
  if (path === null) return null
  if (scheme === undefined) return { bucket: null, path: isOfDrive(path) ? path.slice(2) : path }
  const root = path.indexOf("/")
  const [host, inside] = root < 0 ? [path, "/"] : [path.slice(0, root), path.slice(root)]
  if (/^s3$/i.test(scheme)) return { bucket: host, path: inside }
  return /^file$/i.test(scheme) ? { bucket: null, path: isOfDrive(inside.slice(1)) ? inside.slice(3) : inside } : null
}

const isOfDrive = (path: string): boolean => /^[A-Za-z]:[\\/]/.test(path)

function unescaped(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return null
    throw error
  }
}
