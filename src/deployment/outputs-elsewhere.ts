import { existsSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs"
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path"
import type { Config } from "../config/index.ts"
import { outputsAddress } from "../config/table-folder.ts"
import { OUTPUTS_FOLDER } from "../element/key.ts"
import type { OutputsBase } from "../element/output-places.ts"
import { done, type Failure, failed, failure, type Result } from "../events/result.ts"
import { STATE_FOLDER_NAME } from "./state-folder.ts"

/** A folder for all outputs, in place of those beside the frames. */
export type FolderOutputs = {
  /** Absolute path without links. */
  readonly root: string
  /** The same as the store knows it: a bucket of its own, or a part of the frames'. */
  readonly place: OutputsBase
}

type Frames = { readonly root: string; readonly bucket: string }

const invalid = (says: string): Result<never> => failed(failure("config/invalid", `outputs: ${says}`))

/** Names in which nothing of ours can be mirrored. */
const RESERVED = new Set([STATE_FOLDER_NAME, OUTPUTS_FOLDER, ".object-metadata"])

/** Null where outputs go beside the frames: without a setting, and where it names the folder of frames itself. */
export function folderOutputs(setting: string | null, frames: Frames): Result<FolderOutputs | null> {
  if (setting === null) return done(null)
  if (setting.startsWith("s3://")) return invalid(`${setting} is on servers; outputs of a folder go into a folder.`)
  const root = realOf(setting)
  if (root === frames.root) return done(null)
  if (existsSync(root) && !statSync(root).isDirectory()) return invalid(`${setting} is a file: name a folder.`)
  if (isInside(frames.root, root))
    return invalid(`the folder of frames lies inside ${setting}: name a folder that does not hold the frames.`)
  if (!isInside(root, frames.root)) return done({ root, place: { bucket: nameOf(root, frames), prefix: "" } })
  const inside = relative(frames.root, root).split(sep)
  const reserved = inside.find((name) => RESERVED.has(name.toLowerCase()))
  if (reserved !== undefined) return invalid(`${setting} lies in a ${reserved} folder: name another.`)
  return done({ root, place: { bucket: frames.bucket, prefix: `${inside.join("/")}/` } })
}

/** Two folders of one name are two buckets all the same. */
const nameOf = (root: string, { bucket }: Frames): string => {
  const name = basename(root)
  return name === bucket ? `${name}-outputs` : name
}

const isInside = (path: string, folder: string): boolean => {
  const way = relative(folder, path)
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** Without links as far as it is there. */
function realOf(path: string): string {
  if (existsSync(path)) return realpathSync(path)
  return dirname(path) === path ? path : join(realOf(dirname(path)), basename(path))
}

/** In a mirrored folder: the frames that it belongs to. */
const FRAMES_FILE = ".frames-folder.json"

/**
 * Makes the folder where it is missing, and takes the part of it that is named like the frames' bucket. Two folders of one
 * name would put their outputs over each other's: the second is refused, unless the first is gone, and so was moved.
 */
export function takeOutputsFolder({ root, place }: FolderOutputs, frames: Frames): Failure | null {
  const mirrored = join(root, frames.bucket)
  try {
    // Not with its parents: a disk that is not mounted must not be replaced by a folder.
    if (!existsSync(root)) mkdirSync(root)
    if (place.bucket === frames.bucket) return null
    const holder = framesOf(mirrored)
    if (holder === frames.root) return null
    if (holder !== null && existsSync(holder))
      return failure("config/invalid", `outputs: ${mirrored} holds the outputs of ${holder}: name another folder.`)
    if (!existsSync(mirrored)) mkdirSync(mirrored)
    writeFileSync(join(mirrored, FRAMES_FILE), `${JSON.stringify({ root: frames.root })}\n`)
    return null
  } catch (error) {
    return refusal(error, root)
  }
}

function framesOf(mirrored: string): string | null {
  const file = join(mirrored, FRAMES_FILE)
  if (!existsSync(file)) return null
  try {
    const { root } = JSON.parse(readFileSync(file, "utf8")) as { root?: unknown }
    return typeof root === "string" ? root : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function refusal(error: unknown, root: string): Failure | null {
  const code = error instanceof Error && "code" in error ? String(error.code) : null
  if (code === null) throw error
  if (code === "ENOENT")
    return failure(
      "config/invalid",
      `outputs: ${dirname(root)} does not exist: make it, or mount the disk that holds it.`,
    )
  // In a folder that is there, what is current needs no right to write; the store tells of the rest.
  if (existsSync(root) && ["EACCES", "EPERM", "EROFS"].includes(code)) return null
  return failure("store/read-only", `The folder ${root} (outputs) cannot be made or used (${code}): name another one.`)
}

/** Where outputs of a stream deployment go; null for beside the sources. Fails: config/invalid. */
export function platformOutputs({
  outputs,
  s3Buckets,
}: Pick<Config, "outputs" | "s3Buckets">): Result<OutputsBase | null> {
  if (outputs === null) return done(null)
  const place = outputsAddress(outputs)
  const wrong = (says: string): Result<never> => failed(failure("config/invalid", `OIIO_OUTPUTS: ${says}`))
  if (place === null) return wrong(`${outputs} is a folder; on servers write s3://bucket/prefix.`)
  if (place.prefix === "" && s3Buckets.includes(place.bucket))
    return wrong(
      `the whole bucket ${place.bucket} is for outputs, but S3_BUCKETS takes sources from it: add a prefix, or name another bucket.`,
    )
  return done(place)
}

/** Buckets that must be there: of the sources, where they are known, and of the outputs. */
export const neededBuckets = ({ s3Buckets }: Pick<Config, "s3Buckets">, outputs: OutputsBase | null): string[] => [
  ...new Set([...s3Buckets, ...(outputs === null ? [] : [outputs.bucket])]),
]
