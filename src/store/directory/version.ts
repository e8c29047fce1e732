/** What names one version of a file, and what is kept beside it for that version: content type, tags and metadata. */

import type { BigIntStats } from "node:fs"
import { readdir, realpath, unlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { nearestTime } from "../../events/time.ts"
import { jsonOf } from "../../system/json.ts"
import { contentHashOf } from "../content-hash.ts"
import { orNull } from "../file-errors.ts"
import type { ObjectEntry, ObjectHead, ObjectRef, PutOptions } from "../index.ts"
import { isSidecarOf, metadataFolderOf, type ObjectFile, openRegular, sidecarName } from "./object-file.ts"
import { isAt } from "./plain-folder.ts"
import { syncFolder } from "./sync-folder.ts"

/**
 * Names one version of a file: `inode-size-mtimeNs`, decimal. A rename or a new hard link keeps all three; writing in
 * place changes the last, replacing changes the first.
 */
export const etagOf = (stat: Pick<BigIntStats, "ino" | "size" | "mtimeNs">): string =>
  `${stat.ino}-${stat.size}-${stat.mtimeNs}`

export function entryOf({ bucket, key }: ObjectRef, stat: BigIntStats): ObjectEntry {
  const etag = etagOf(stat)
  return {
    bucket,
    key,
    etag,
    sourceVersion: etag,
    sizeBytes: Number(stat.size),
    lastModifiedMs: nearestTime(Number(stat.mtimeNs / 1_000_000n)),
  }
}

export const headOf = (ref: ObjectRef, stat: BigIntStats, description: Description): ObjectHead => ({
  ...entryOf(ref, stat),
  versionId: null,
  contentType: description.contentType,
  metadata: description.metadata,
  tags: description.tags,
})

/** What a file system does not keep about an object. */
export type Description = {
  readonly contentType: string | null
  readonly tags: Readonly<Record<string, string>>
  readonly metadata: Readonly<Record<string, string>>
}

/** Of a file that we did not write, or that was changed or replaced since. */
export const NOTHING_KNOWN: Description = { contentType: null, tags: {}, metadata: {} }

const MOST_SIDECAR_BYTES = 64 * 1024

/** Larger files are not read to find out what describes them: outputs are far smaller. */
const MOST_HASHED_BYTES = 256n * 1024n * 1024n

/**
 * The sidecar's JSON. `name` and `etag` say which bytes it describes: a description of others is none. `contentHash` says
 * it of a copy, which has another inode; sidecars of earlier versions lack it.
 */
type Sidecar = Description & { readonly name: string; readonly etag: string; readonly contentHash?: string }

/** One version's bytes. */
type DescribedBytes = { readonly etag: string; readonly contentHash: string }

const sidecarPath = (object: Pick<ObjectFile, "folder" | "name">, etag: string): string =>
  join(metadataFolderOf(object), sidecarName(object.name, etag))

/**
 * Durable when it resolves. Each version has a sidecar of its own, named by its etag, so it can be there before the bytes
 * are visible without hiding what describes the version before, and writers of two versions never meet in one file.
 */
export async function writeSidecar(
  object: ObjectFile,
  { etag, contentHash }: DescribedBytes,
  options: PutOptions,
): Promise<void> {
  const { contentType, tags, metadata } = options
  const sidecar: Sidecar = { name: object.name, etag, contentHash, contentType, tags, metadata }
  await writeFile(sidecarPath(object, etag), `${JSON.stringify(sidecar)}\n`, { flush: true })
  await syncFolder(metadataFolderOf(object))
}

/** Null where there is no sidecar, or none that describes exactly these bytes. */
export async function readSidecar(object: ObjectFile, etag: string): Promise<Description | null> {
  const sidecar = await readFileOf(object, sidecarPath(object, etag))
  return sidecar?.etag === etag ? sidecar : null
}

/**
 * What describes the same bytes under the etag that they had before they were copied, restored or touched; null where
 * nothing does. A folder brings its sidecars along, while each file in it has a new inode. Hashes the file, but only where
 * a sidecar of its name and size is there.
 */
export async function readSidecarOfCopy(
  object: ObjectFile,
  { size }: Pick<BigIntStats, "size">,
): Promise<Description | null> {
  const folder = metadataFolderOf(object)
  const names = (await readdir(folder).catch(orNull("ENOENT", "ENOTDIR"))) ?? []
  const paths = names.filter((file) => isSidecarOf(file, object.name, size)).map((file) => join(folder, file))
  if (paths.length === 0 || size > MOST_HASHED_BYTES) return null
  const sidecars = await Promise.all(paths.map((path) => readFileOf(object, path)))
  const opened = await openRegular(object.path).catch(orNull("ENOENT"))
  if (opened === null) return null
  try {
    const contentHash = await contentHashOf(opened.handle)
    return sidecars.find((sidecar) => sidecar?.contentHash === contentHash) ?? null
  } finally {
    await opened.handle.close()
  }
}

async function readFileOf(object: ObjectFile, path: string): Promise<Sidecar | null> {
  const opened = await openRegular(path).catch(orNull("ENOENT", "ENOTDIR", "ELOOP"))
  if (opened === null) return null
  try {
    if (opened.stat.size > MOST_SIDECAR_BYTES) return null
    const folder = metadataFolderOf(object)
    // Any program can write into the folder: only JSON of this form counts as a sidecar.
    const sidecar = jsonOf(await opened.handle.readFile("utf8"), isSidecar)
    if (sidecar?.name !== object.name) return null
    return isAt(opened, path) || (await realpath(folder)) === folder ? sidecar : null
  } finally {
    await opened.handle.close()
  }
}

export async function removeSidecar(object: Pick<ObjectFile, "folder" | "name">, etag: string): Promise<void> {
  await unlink(sidecarPath(object, etag)).catch(orNull("ENOENT"))
}

const isSidecar = (value: unknown): value is Sidecar =>
  isObject(value) &&
  typeof value.name === "string" &&
  typeof value.etag === "string" &&
  (value.contentHash === undefined || typeof value.contentHash === "string") &&
  (value.contentType === null || typeof value.contentType === "string") &&
  isTexts(value.tags) &&
  isTexts(value.metadata)

const isTexts = (value: unknown): value is Record<string, string> =>
  isObject(value) && Object.values(value).every((entry) => typeof entry === "string")

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
