import type { Dirent } from "node:fs"
import { readdir } from "node:fs/promises"
import { isReserved } from "./keys.ts"

export type Child = {
  readonly kind: "file" | "folder" | "link" | "undecodable"
  /** As text; where it is not valid UTF-8, with the odd bytes spelled \xNN. */
  readonly name: string
}

/** Empty texts want everything. */
export type Wanted = { readonly prefix: string; readonly startAfter: string }

type Ordered = Child & { readonly order: Buffer }

/** What a folder holds of the listing, in order of the keys: a folder's keys go on with a slash, and sort as if it had one. */
export async function childrenOf(folder: string, key: string, wanted: Wanted): Promise<Child[]> {
  const found = await readdir(folder, { withFileTypes: true, encoding: "buffer" })
  const base = Buffer.from(key)
  const isWanted = filterOf(wanted)
  return found
    .flatMap(childOf)
    .filter(({ order, kind }) => isWanted(Buffer.concat([base, order]), kind))
    .sort((a, b) => Buffer.compare(a.order, b.order))
}

/** None for what is ours, and for devices, sockets and FIFOs, which are never opened. */
function childOf(entry: Dirent<Buffer>): Ordered[] {
  const bytes = entry.name
  const name = decoded(bytes)
  if (name === null) return [{ kind: "undecodable", name: spelled(bytes), order: bytes }]
  if (isReserved(name)) return []
  if (entry.isDirectory()) return [{ kind: "folder", name, order: Buffer.concat([bytes, Buffer.from("/")]) }]
  if (entry.isSymbolicLink()) return [{ kind: "link", name, order: bytes }]
  return entry.isFile() ? [{ kind: "file", name, order: bytes }] : []
}

function filterOf({ prefix, startAfter }: Wanted): (key: Buffer, kind: Child["kind"]) => boolean {
  const under = Buffer.from(prefix)
  const after = Buffer.from(startAfter)
  return (key, kind) => {
    const holds = kind === "folder"
    const fits = startsWith(key, under) || (holds && startsWith(under, key))
    return fits && (Buffer.compare(key, after) > 0 || (holds && startsWith(after, key)))
  }
}

const startsWith = (bytes: Buffer, start: Buffer): boolean =>
  bytes.length >= start.length && bytes.subarray(0, start.length).equals(start)

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

function decoded(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

const spelled = (bytes: Buffer): string =>
  [...bytes]
    .map((b) => (b > 0x1f && b < 0x7f ? String.fromCharCode(b) : `\\x${b.toString(16).padStart(2, "0")}`))
    .join("")
