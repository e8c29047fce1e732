/** Lists the files of a folder as objects, in the order of their keys. */

import type { Dirent } from "node:fs"
import { readdir } from "node:fs/promises"
import { join, sep } from "node:path"
import { folderOf } from "../../element/key.ts"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { attempt } from "../file-errors.ts"
import type { ObjectEntry, SkippedLink } from "../index.ts"
import { endOfLink } from "./links.ts"
import { type Bucket, isReserved, namesOfKey, orRootLost, quoted, rootLost, statOrNull } from "./object-file.ts"
import { isPlain } from "./plain-folder.ts"
import { entryOf } from "./version.ts"

/** Files asked for their size at one time: enough to hide a network's latency, few enough to stay a stream. */
const LOOKS_AT_ONCE = 32

/** A folder being walked: `key` is what its objects' keys start with, "" or ending with a slash. */
type FolderWalk = { readonly path: string; readonly key: string; readonly children: readonly Child[]; next: number }

/** Who hears of a listing on its way. */
type Hearing = { readonly visit: FolderVisit; readonly onSkipped: (key: string, leadsTo: SkippedLink) => void }

type Listing = Hearing & { readonly bucket: Bucket; readonly wanted: KeyRange }

type ListedEntries = AsyncGenerator<Result<ObjectEntry>, void, undefined>

/** Called for each folder that the listing opens. */
type FolderVisit = (folder: string) => Promise<void>

/** Depth first, one folder's names in memory per level. What cannot be listed is a value at its place in the order. */
export async function* listFolder(bucket: Bucket, wanted: KeyRange, hearing: Hearing): ListedEntries {
  const lost = await rootLost(bucket)
  if (lost !== null) return yield lost
  const start = startOf(wanted.prefix)
  const walks: FolderWalk[] = start === null ? [] : yield* opened({ bucket, wanted, ...hearing }, start)
  for (let walk = walks.at(-1); walk !== undefined; walk = walks.at(-1)) {
    const files = filesNext(walk)
    if (files.length > 0) yield* entriesOf(bucket, walk, files)
    else {
      const child = walk.children[walk.next++]
      if (child === undefined) walks.pop()
      else if (child.kind === "folder")
        walks.push(...(yield* opened({ bucket, wanted, ...hearing }, `${walk.key}${child.name}/`)))
      else yield* oddOne({ bucket, ...hearing }, walk, child)
    }
  }
}

/**
 * The keys of all files, a folder at a time, without a look at any of them; with `only`, of that folder alone. What does not open
 * is passed over.
 */
export async function* keysOf(
  { root, name }: Bucket,
  only?: string,
): AsyncGenerator<readonly string[], void, undefined> {
  if (only !== undefined && startOf(only) !== only) return
  const left = [only ?? ""]
  for (let key = left.pop(); key !== undefined; key = left.pop()) {
    const folder = key === "" ? root : join(root, key.slice(0, -1))
    const children = await attempt("read", `The folder ${quoted(key)} of bucket ${quoted(name)}`, async () =>
      done((await isPlain(folder)) ? (await namesIn(folder)).flatMap(childOf) : []),
    )
    if (!children.ok) continue
    const named = await Promise.all(children.value.map((child) => isFileName({ root }, folder, child)))
    yield children.value.flatMap(({ name: file }, at) => (named[at] ? [`${key}${file}`] : []))
    if (only !== undefined) return
    for (const child of children.value) if (child.kind === "folder") left.push(`${key}${child.name}/`)
  }
}

const isFileName = async (bucket: Pick<Bucket, "root">, folder: string, { kind, name }: Child): Promise<boolean> =>
  kind === "file" || (kind === "link" && (await endOfLink(bucket, join(folder, name))).kind === "file")

const namesIn = (folder: string): Promise<Dirent<Buffer>[]> =>
  readdir(folder, { withFileTypes: true, encoding: "buffer" })

/** The deepest folder that holds everything under the prefix; null when no key of a folder can start so. */
function startOf(prefix: string): string | null {
  const key = folderOf(prefix)
  return key === "" || namesOfKey(key.slice(0, -1)).ok ? key : null
}

function filesNext(walk: FolderWalk): Child[] {
  const files: Child[] = []
  while (files.length < LOOKS_AT_ONCE && walk.children[walk.next]?.kind === "file") {
    const child = walk.children[walk.next++]
    if (child !== undefined) files.push(child)
  }
  return files
}

/** One walk, or none: a folder that is gone by now has no objects, one that does not open is told of. */
async function* opened(
  { bucket, wanted, visit }: Listing,
  key: string,
): AsyncGenerator<Result<ObjectEntry>, FolderWalk[]> {
  const path = join(bucket.root, key)
  const folder = path.endsWith(sep) && path !== bucket.root ? path.slice(0, -1) : path
  const what = `The folder ${quoted(key)} of bucket ${quoted(bucket.name)}`
  const children = await attempt("read", what, async () =>
    // Swapped for a link since its parent was read.
    done((await isPlain(folder)) ? await childrenOf(folder, key, wanted) : []),
  )
  const result = await orRootLost(bucket, children)
  if (result.ok) {
    await visit(folder)
    return [{ path: folder, key, children: result.value, next: 0 }]
  }
  if (result.failure.code !== "store/missing") yield result
  return []
}

async function* entriesOf(bucket: Bucket, walk: FolderWalk, files: readonly Child[]): ListedEntries {
  const entries = await Promise.all(files.map((file) => entryAt(bucket, walk, file.name)))
  for (const entry of entries) if (entry !== null) yield entry
}

/** Null for a file that is gone by now. */
async function entryAt(bucket: Bucket, walk: FolderWalk, name: string): Promise<Result<ObjectEntry> | null> {
  const key = `${walk.key}${name}`
  const what = `The object ${quoted(key)} of bucket ${quoted(bucket.name)}`
  const stat = await attempt("read", what, async () => done(await statOrNull(join(walk.path, name))))
  if (!stat.ok) return stat
  return stat.value?.isFile() ? done(entryOf({ bucket: bucket.name, key }, stat.value)) : null
}

/** A link to a file of the bucket is a second name of it. One to a folder says nothing new: that is listed by its own name. */
async function* oddOne(
  { bucket, onSkipped }: Pick<Listing, "bucket" | "onSkipped">,
  walk: FolderWalk,
  child: Child,
): ListedEntries {
  const what = `${quoted(`${walk.key}${child.name}`)} of bucket ${quoted(bucket.name)}`
  if (child.kind === "undecodable")
    return yield failed(failure("store/bad-key", `The name ${what} is not valid UTF-8; rename it to have it listed.`))
  const end = await endOfLink(bucket, join(walk.path, child.name))
  const key = `${walk.key}${child.name}`
  if (end.kind === "file") {
    const stat = await statOrNull(end.path)
    if (stat?.isFile()) yield done(entryOf({ bucket: bucket.name, key }, stat))
    return
  }
  if (end.kind === "ours") return
  if (end.kind !== "outside") return onSkipped(key, end.kind)
  yield failed(
    failure("store/denied", `The link ${what} leads out of the bucket and is not followed; list its target.`),
  )
}

type Child = {
  readonly kind: "file" | "folder" | "link" | "undecodable"
  /** As text; where it is not valid UTF-8, with the odd bytes spelled \xNN. */
  readonly name: string
}

/** Empty texts want everything. */
type KeyRange = { readonly prefix: string; readonly startAfter: string }

type Ordered = Child & { readonly order: Buffer }

/**
 * What a folder holds of the listing, in order of the keys: a folder's keys go on with a slash, and sort as if it had
 * one.
 */
async function childrenOf(folder: string, key: string, wanted: KeyRange): Promise<Child[]> {
  const found = await namesIn(folder)
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

function filterOf({ prefix, startAfter }: KeyRange): (key: Buffer, kind: Child["kind"]) => boolean {
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
