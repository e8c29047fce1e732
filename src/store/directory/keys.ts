import { createHash } from "node:crypto"
import { segmentsOf } from "../../element/key.ts"
import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"

/** Folder beside the objects that holds what a file cannot say of itself, and files that are still being written. */
export const METADATA_FOLDER = ".object-metadata"

/** Ours, at any depth: no object lives there and no listing goes there. In lower case: some file systems fold it. */
const RESERVED = new Set([METADATA_FOLDER, ".oiio-proxy-generator"])

const MOST_NAME_BYTES = 255

/** What Windows reads as something other than a plain name: streams, wildcards, devices, dropped trailing characters. */
const WINDOWS_SPECIAL = /[<>:"|?*\\]|[. ]$|^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i

/** Empty files that live for an instant, to learn whether a folder can be written (writable.ts). */
export const PROBE_PREFIX = `${METADATA_FOLDER}-probe-`

export const isReserved = (name: string): boolean => {
  const folded = name.toLowerCase()
  return RESERVED.has(folded) || folded.startsWith(PROBE_PREFIX)
}

/** The key as names of folders and, last, of a file; store/bad-key where no path below the root can stand for it. */
export function namesOfKey(key: string, platform: NodeJS.Platform = process.platform): Result<readonly string[]> {
  const names = segmentsOf(key)
  const why = names.map((name) => unusable(name, platform)).find((reason) => reason !== null)
  return why === undefined ? done(names) : failed(failure("store/bad-key", `The key ${quoted(key)} ${why}.`))
}

function unusable(name: string, platform: NodeJS.Platform): string | null {
  if (name === "") return "has an empty segment"
  if (name === "." || name === "..") return "has a segment that walks the tree instead of naming something"
  if (name.includes("\0")) return "holds a NUL character"
  if (!name.isWellFormed()) return "is not valid Unicode"
  if (isReserved(name)) return `names the reserved folder ${quoted(name)}`
  if (isTooLong(name, platform)) return "has a segment that is too long for a file name"
  if (platform === "win32" && (WINDOWS_SPECIAL.test(name) || [...name].some((c) => c < " ")))
    return "has a segment that Windows cannot hold as a file name"
  return null
}

/** Linux counts bytes, the others UTF-16 units. */
const isTooLong = (name: string, platform: NodeJS.Platform): boolean =>
  (platform === "linux" ? Buffer.byteLength(name) : name.length) > MOST_NAME_BYTES

/** Keys in a sentence: one line, whatever they hold. */
export const quoted = (key: string): string => JSON.stringify(key)

/** File name of the sidecar of one version of an object; a name that would grow too long is replaced by its hash. */
export function sidecarName(name: string, etag: string): string {
  const plain = `${name}.${etag}.json`
  return Buffer.byteLength(plain) <= MOST_NAME_BYTES ? plain : `${hashed(name)}.${etag}.json`
}

/** Whether a file name is that of a sidecar of any version of the object that has this size. */
export function isSidecarOf(file: string, name: string, sizeBytes: bigint): boolean {
  const owner = [name, hashed(name)].find((start) => file.startsWith(`${start}.`))
  return owner !== undefined && new RegExp(`^\\.\\d+-${sizeBytes}-\\d+\\.json$`).test(file.slice(owner.length))
}

/** File name of the claim on an object's name. */
export const claimName = (name: string): string => `${hashed(name)}.claim`

/** Whether a sidecar's name may be a hash, so that it does not tell which object it belongs to. */
export const isHashed = (name: string): boolean => /^[0-9a-f]{40}$/.test(name)

const hashed = (name: string): string => createHash("sha256").update(name).digest("hex").slice(0, 40)
