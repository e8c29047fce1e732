import type { FrameName } from "../../element/frame-name.ts"
import { framesOfText } from "../../element/frame-ranges.ts"
import { fileNameOf, folderOf } from "../../element/key.ts"

// Objects that say that a sequence is complete: `.ready`, or one of that ending, beside its frames.

/** Which sequences an object is about: those of a folder, or those of one name in it. */
export type ReadyFile = {
  readonly folder: string
  /** `beauty` of `beauty.ready`; null where it is called `.ready`, and means all of the folder. */
  readonly name: string | null
}

/** null where the key is none of such an object. */
export function readyFileOf(key: string): ReadyFile | null {
  const [, name] = /^(.*)\.ready$/is.exec(fileNameOf(key)) ?? []
  return name === undefined ? null : { folder: folderOf(key), name: name === "" ? null : name }
}

/** `beauty.ready` and `beauty.exr.ready` are about `beauty.1001.exr`, and `beauty.1001.exr.ready` is about one frame alone. */
export function isAbout({ folder, name }: ReadyFile, sequence: Pick<FrameName, "folder" | "head" | "tail">): boolean {
  return folder === sequence.folder && (name === null || namesOf(sequence).includes(name))
}

function namesOf({ head, tail }: Pick<FrameName, "head" | "tail">): readonly string[] {
  const names = [head, head.replace(/[._ -]$/, "")].flatMap((name) => [name, name + tail])
  return [...new Set(names)].filter((name) => name !== "")
}

/** The objects that are about a sequence, as they are usually written; first those that are about no other. */
export const readyKeysOf = (sequence: Pick<FrameName, "folder" | "head" | "tail">): readonly string[] =>
  [...namesOf(sequence), ""].map((name) => `${sequence.folder}${name}.ready`)

/** As much as a range takes that is written by hand, and more. */
const MOST_BYTES = 64 * 1024

/** Frames as ranges, `1001-1040,1045`; null where the object says that all is there, and not what. */
export type Ready = { readonly frames: string | null } | { readonly problem: string }

/**
 * What such an object says: nothing, ranges as text (`1001-1040`, `1-9x2`, on one line or several), or JSON: {"frames":
 * "1001-1040"} or a list of numbers, {"first": 1001, "last": 1040}, or {"start_frame": 1001, "end_frame": 1040}. What it
 * says is a problem, as the end of a sentence, where it is none of these.
 */
export function readReady(bytes: Uint8Array): Ready {
  if (bytes.length > MOST_BYTES) return { problem: `is larger than ${MOST_BYTES / 1024} KiB` }
  const text = utf8(bytes)?.trim()
  if (text === undefined) return { problem: "is not text in UTF-8" }
  if (text === "") return { frames: null }
  const said = /^[{[]/.test(text) ? framesInJson(text) : text.split(/[\s,]+/).join(",")
  if (said === null) return { problem: "is JSON, but names no frames" }
  if (said === "") return { frames: null }
  const frames = framesOfText(said)
  return frames === null ? { problem: `names no frames: ${JSON.stringify(said.slice(0, 60))}` } : { frames: said }
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

const FIRSTS = ["first", "start", "start_frame", "startFrame", "frame_start", "frameStart"]
const LASTS = ["last", "end", "end_frame", "endFrame", "frame_end", "frameEnd"]

/** Text of ranges; empty where an object says nothing of frames; null where it is no JSON, or says something else of them. */
function framesInJson(text: string): string | null {
  const json = parsed(text)
  if (json === undefined) return null
  const said = isObject(json) ? json : { frames: json }
  const { frames } = said
  if (typeof frames === "string") return frames
  if (Array.isArray(frames)) return frames.length > 0 && frames.every(Number.isSafeInteger) ? frames.join(",") : null
  const [first, last] = [FIRSTS, LASTS].map((names) =>
    names.map((name) => said[name]).find((value) => value !== undefined),
  )
  if (first === undefined && last === undefined && frames === undefined) return ""
  return Number.isSafeInteger(first) && Number.isSafeInteger(last) ? `${first}-${last}` : null
}

const isObject = (json: unknown): json is Readonly<Record<string, unknown>> =>
  typeof json === "object" && json !== null && !Array.isArray(json)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
