import { realpath, unlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { orNull } from "../file-errors.ts"
import type { PutOptions } from "../index.ts"
import { openRegular } from "./copy.ts"
import { sidecarName } from "./keys.ts"
import { metadataFolderOf, type Place, syncFolder } from "./place.ts"

/** What a file system does not keep about an object. */
export type Description = {
  readonly contentType: string | null
  readonly tags: Readonly<Record<string, string>>
  readonly metadata: Readonly<Record<string, string>>
}

/** Of a file that we did not write, or that was changed or replaced since. */
export const NOTHING_KNOWN: Description = { contentType: null, tags: {}, metadata: {} }

const MOST_SIDECAR_BYTES = 64 * 1024

/** The sidecar's JSON. `name` and `etag` say which bytes it describes: a description of others is none. */
type Sidecar = Description & { readonly name: string; readonly etag: string }

const sidecarPath = (place: Pick<Place, "folder" | "name">, etag: string): string =>
  join(metadataFolderOf(place), sidecarName(place.name, etag))

/**
 * Durable when it resolves. Each version has a sidecar of its own, named by its etag, so it can be there before the bytes
 * are visible without hiding what describes the version before, and writers of two versions never meet in one file.
 */
export async function writeSidecar(place: Place, etag: string, options: PutOptions): Promise<void> {
  const { contentType, tags, metadata } = options
  const sidecar: Sidecar = { name: place.name, etag, contentType, tags, metadata }
  await writeFile(sidecarPath(place, etag), `${JSON.stringify(sidecar)}\n`, { flush: true })
  await syncFolder(metadataFolderOf(place))
}

/** Null where there is none, or none of exactly these bytes. */
export async function readSidecar(place: Place, etag: string): Promise<Description | null> {
  const opened = await openRegular(sidecarPath(place, etag)).catch(orNull("ENOENT", "ENOTDIR", "ELOOP"))
  if (opened === null) return null
  try {
    if (opened.stat.size > MOST_SIDECAR_BYTES) return null
    const folder = metadataFolderOf(place)
    const sidecar = parsed(await opened.handle.readFile("utf8"))
    const fits = sidecar?.name === place.name && sidecar.etag === etag
    return fits && (await realpath(folder)) === folder ? sidecar : null
  } finally {
    await opened.handle.close()
  }
}

export async function removeSidecar(place: Pick<Place, "folder" | "name">, etag: string): Promise<void> {
  await unlink(sidecarPath(place, etag)).catch(orNull("ENOENT"))
}

/** Anybody can write into the folder: what is not a sidecar of ours is none. */
function parsed(text: string): Sidecar | null {
  try {
    const value: unknown = JSON.parse(text)
    return isSidecar(value) ? value : null
  } catch {
    return null
  }
}

const isSidecar = (value: unknown): value is Sidecar =>
  isObject(value) &&
  typeof value.name === "string" &&
  typeof value.etag === "string" &&
  (value.contentType === null || typeof value.contentType === "string") &&
  isTexts(value.tags) &&
  isTexts(value.metadata)

const isTexts = (value: unknown): value is Record<string, string> =>
  isObject(value) && Object.values(value).every((entry) => typeof entry === "string")

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
