import { createHash } from "node:crypto"
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from "node:fs"
import { dirname, extname, isAbsolute, join, relative, sep } from "node:path"
import type { LookFormat } from "./look.ts"
import { parseXml } from "./xml.ts"

/** Bytes of a file, or what is wrong with it, as the end of a sentence about it. */
type Bytes = { readonly bytes: Uint8Array } | { readonly problem: string }

/** A cube of 129 points a side, OpenColorIO's limit, in long numbers. */
const MOST_BYTES = 64 * 2 ** 20

const FORMATS: ReadonlyMap<string, LookFormat | "amf"> = new Map(
  (["cdl", "cc", "ccc", "cube", "clf", "amf"] as const).map((ending) => [`.${ending}`, ending]),
)

/** A reader that reads each file once, however many settings name it. */
export function openSmallFiles(): (path: string) => Bytes {
  const read = new Map<string, Bytes>()
  return (path) => {
    const bytes = read.get(path) ?? readSmallFile(path)
    read.set(path, bytes)
    return bytes
  }
}

/** What kind of look file a name says; null for the name of anything else. */
export const lookFormatOf = (name: string): LookFormat | "amf" | null =>
  FORMATS.get(extname(name).toLowerCase()) ?? null

export const sha256Of = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex")

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  ENOTDIR: "does not exist",
  EACCES: "may not be read by this user",
  EPERM: "may not be read by this user",
  ELOOP: "is a chain of links that does not end",
  ENAMETOOLONG: "has a name that is too long",
}

/** Reads a small regular file: nothing waits for a pipe, and nothing large comes into memory. */
export function readSmallFile(path: string): Bytes {
  let file: number | null = null
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const status = fstatSync(file)
    if (!status.isFile()) return { problem: "is not a file" }
    if (isTooLarge(status.size)) return { problem: TOO_LARGE }
    return readAll(file, status.size)
  } catch (error) {
    return { problem: why(error) }
  } finally {
    if (file !== null) closeSync(file)
  }
}

export const isTooLarge = (sizeBytes: number): boolean => sizeBytes > MOST_BYTES

export const TOO_LARGE = `is larger than ${MOST_BYTES / 2 ** 20} MiB, which no look file needs to be`

function readAll(file: number, sizeBytes: number): Bytes {
  const bytes = new Uint8Array(sizeBytes)
  let filled = 0
  while (filled < sizeBytes) {
    const more = readSync(file, bytes, filled, sizeBytes - filled, filled)
    if (more === 0) return { problem: "changed while it was read" }
    filled += more
  }
  return { bytes }
}

function why(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined) throw error
  return UNREADABLE[code] ?? `cannot be read (${code})`
}

/**
 * A file that another one refers to. It must lie in that one's folder or below it, links followed: a reference in a file
 * that somebody sent is no way to the rest of the machine.
 */
export function readReferred(from: string, reference: string): Bytes {
  const name = referredPath(reference)
  if (name === null) return { problem: OUTSIDE }
  try {
    const folder = realpathSync(dirname(from))
    const path = realpathSync(join(folder, name))
    const inside = relative(folder, path)
    if (inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return { problem: OUTSIDE }
    return readSmallFile(path)
  } catch (error) {
    return { problem: why(error) }
  }
}

/** The path that a reference says, with forward slashes; null where it is no way to a file below. */
export function referredPath(reference: string): string | null {
  const path = reference.replaceAll("\\", "/")
  const isOutside = path === "" || isAbsolute(path) || /^[a-z][a-z\d+.-]*:/i.test(path) || path.includes("\0")
  return isOutside || path.split("/").includes("..") ? null : path
}

export const OUTSIDE = "is not a relative path to a file in the folder of the file that names it, or below"

/**
 * What OpenColorIO is given of a look file, or what is wrong with it. OpenColorIO is the judge of the rest; it is not asked
 * about documents that could expand without end, or tables that would not fit.
 */
export function sound(format: LookFormat, bytes: Uint8Array): Bytes {
  if (format === "cube") {
    const plain = withoutByteOrderMark(bytes)
    const problem = cubeProblem(plain)
    return problem === null ? { bytes: plain } : { problem }
  }
  if (format === "clf") return processListProblem(bytes) ?? { bytes }
  const xml = parseXml(bytes)
  return "problem" in xml ? xml : { bytes }
}

/** A CLF file may hold a table of millions of numbers, which is no document to be kept as a tree. */
function processListProblem(bytes: Uint8Array): { readonly problem: string } | null {
  const text = Buffer.from(bytes).toString("latin1")
  if (!/<([\w.-]+:)?ProcessList[\s>]/.test(text)) return { problem: "holds no ProcessList" }
  if (text.includes("<!DOCTYPE")) return { problem: "has a document type, which is not accepted" }
  return /<([\w.-]+:)?Reference[\s/>]/.test(text) ? { problem: "refers to other files, which is not accepted" } : null
}

/** OpenColorIO's own limits. */
const MOST_SIDE = 129
const MOST_POINTS = 2 ** 20

/**
 * What is wrong with a .cube file that OpenColorIO would not say, or would say only after it had taken the memory of the
 * table that the file announces; null when nothing is.
 */
function cubeProblem(bytes: Uint8Array): string | null {
  const text = Buffer.from(bytes).toString("latin1")
  for (const [keyword, most] of [
    ["LUT_3D_SIZE", MOST_SIDE],
    ["LUT_1D_SIZE", MOST_POINTS],
  ] as const) {
    for (const [, size = ""] of text.matchAll(new RegExp(`^[ \\t]*${keyword}[ \\t]+(\\S+)`, "gim")))
      if (Number(size) > most) return `announces ${keyword} ${size.slice(0, 20)}; OpenColorIO takes up to ${most}`
  }
  // OpenColorIO takes such numbers for black, without a word.
  return /^[ \t]*(\S+[ \t]+){0,2}[-+]?(nan|inf)/im.test(text) ? "holds numbers that are none (nan or inf)" : null
}

const MARK = [0xef, 0xbb, 0xbf]

/** Editors of Windows put a mark before the first line, which OpenColorIO takes for a part of its first word. */
const withoutByteOrderMark = (bytes: Uint8Array): Uint8Array =>
  MARK.every((byte, at) => bytes[at] === byte) ? bytes.subarray(MARK.length) : bytes
