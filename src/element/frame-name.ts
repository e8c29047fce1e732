// Which frame of which sequence a key names.

import { isFrameNumber } from "./frame-ranges.ts"
import { fileNameOf, folderOf } from "./key.ts"

/** A key that names a frame: `show/beauty.` + `1001` + `.exr`. */
export type FrameName = {
  /** Folder with its slash; empty at the top of a bucket. */
  readonly folder: string
  /** What stands before the number in the file's name, with its separator. Letters of another case are another sequence. */
  readonly head: string
  /** From -(2^52) to 2^53 - 2. */
  readonly frame: number
  /** What stands behind the number, the ending included. */
  readonly tail: string
  /** Digits that the number is written with, zeros in front included and the sign not: 9999 and 10000 have 4 and 5. */
  readonly padding: number
  /** As it is written behind a `v` in the file's name, else in the nearest folder: `002`; null where there is none. */
  readonly version: string | null
}

/**
 * `usual`: numbers at the end of a name or between dots, versions and UDIM tiles excepted. `never`: no key is a frame.
 * `always`: the last number is one, whatever it looks like. A pattern: what {@link framePattern} makes of a text.
 */
export type SequenceRule = "usual" | "never" | "always" | FramePattern

/** Matches a file's name: head, number with its sign, tail. */
export type FramePattern = { readonly matches: RegExp; readonly padding: number }

type Place = { readonly start: number; readonly end: number }

/** The frame that a key names under a rule; null where it names none. */
export function frameNameOf(key: string, rule: SequenceRule = "usual"): FrameName | null {
  const [folder, file] = [folderOf(key), fileNameOf(key)]
  const place = rule === "never" ? null : placeOf(file, rule)
  if (place === null) return null
  const text = file.slice(place.start, place.end)
  const frame = Number(text) + 0
  const named = { folder, head: file.slice(0, place.start), frame, tail: file.slice(place.end) }
  if (!isFrameNumber(frame) || (rule === "usual" && isUdimTile(named, text))) return null
  return { ...named, frame: frame === 0 ? 0 : frame, padding: text.replace("-", "").length, version: versionOf(key) }
}

function placeOf(file: string, rule: Exclude<SequenceRule, "never">): Place | null {
  const stem = file.slice(0, file.length - endingLength(file))
  if (rule === "usual") return withSign(stem, usualPlace(stem))
  if (rule === "always") return withSign(stem, lastNumber(stem))
  const [, head, text] = rule.matches.exec(file) ?? []
  if (head === undefined || text === undefined || !isPadded(text.replace("-", ""), rule.padding)) return null
  return { start: head.length, end: head.length + text.length }
}

/** An ending holds a letter: `a.1001` has none. */
const endingLength = (file: string): number => /\.(?=[^.]*[A-Za-z])[^.]*$/.exec(file)?.[0].length ?? 0

/** A number behind a separator at the end, else one between dots, else one that stands at the end without a separator. */
function usualPlace(stem: string): Place | null {
  const digits = /\d+$/.exec(stem)?.[0]
  const atEnd = digits === undefined ? null : { start: stem.length - digits.length, end: stem.length }
  const before = stem.slice(0, atEnd?.start)
  const isVersion = atEnd !== null && /(?:^|[._\- ])[vV]$/.test(before)
  if (atEnd !== null && !isVersion && /(?:^|[._\- ])$/.test(before)) return atEnd
  return placeBetweenDots(stem) ?? (isVersion ? null : atEnd)
}

/** A word behind a number: `left`, `v002`; one with more digits at its end names a frame itself, or is none: `beauty0001`. */
const WORD = /^(?:\w*[A-Za-z]\w?|[vV]\d+)$/
const NUMBER_AND_VERSIONS = /^-?(\d+)(?:_[vV]\d+)*$/

/** As in `a.1001.left.exr`, `a.1001.v2.exr` and `a.1001_v002.exr`. */
function placeBetweenDots(stem: string): Place | null {
  const parts = stem.split(".")
  const last = parts.findLastIndex((part) => NUMBER_AND_VERSIONS.test(part) || !WORD.test(part))
  const part = parts[last] ?? ""
  const digits = NUMBER_AND_VERSIONS.exec(part)?.[1]
  if (digits === undefined) return null
  const start = parts.slice(0, last).join(".").length + (last > 0 ? 1 : 0) + part.indexOf(digits)
  return { start, end: start + digits.length }
}

function lastNumber(stem: string): Place | null {
  const last = [...stem.matchAll(/\d+/g)].at(-1)
  return last === undefined ? null : { start: last.index, end: last.index + last[0].length }
}

/** A minus behind one other separator, or at the start, is a sign; else it is a separator: `a.-5`, `a--5`, and `a-5`, `a---5`. */
function withSign(stem: string, place: Place | null): Place | null {
  if (place === null || !/(?:^|[._ ]|[^._\- ]-)-$/.test(stem.slice(0, place.start))) return place
  return { start: place.start - 1, end: place.end }
}

const UDIM_WORD = /(?:^|[^A-Za-z])udim(?![A-Za-z])/i
const TEXTURE_FOLDER = /(?:^|\/)(?:tex|textures?|udims?)\//i

/** Tiles of a texture have the numbers 1001 to 1999; frames do, too, so a name or a folder has to say that they are tiles. */
function isUdimTile({ folder, head, frame, tail }: Omit<FrameName, "padding" | "version">, text: string): boolean {
  const isTile = text.length === 4 && frame >= 1001 && frame <= 1999
  return isTile && (UDIM_WORD.test(head) || UDIM_WORD.test(tail) || TEXTURE_FOLDER.test(folder))
}

/** The last version in the file's name, else in the nearest folder that has one. */
function versionOf(key: string): string | null {
  // Most keys have none, which is soon seen.
  if (!/[vV]\d/.test(key)) return null
  const inSegment = (segment: string): string | undefined =>
    [...segment.matchAll(/(?:^|[._\- ])[vV](\d+)(?=$|[._\- ])/g)].at(-1)?.[1]
  return (
    key
      .split("/")
      .reverse()
      .map(inSegment)
      .find((version) => version !== undefined) ?? null
  )
}

/** Digits of a number that is filled up with zeros to a width: longer ones have none in front. */
const isPadded = (digits: string, padding: number): boolean =>
  digits.length === padding || (digits.length > padding && !digits.startsWith("0"))

/** With many, a name that nearly matches takes for ever. */
const MOST_STARS = 3

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")

const TOKEN = /#+|@+|%0?(\d*)d|\$F(\d*)/g

/**
 * A pattern of file names: `*` is any text, and one token stands for the number: `####` or `@@@@` (as many digits), `#` (four,
 * as in OpenRV and fileseq), `%04d`, `$F4`. null where it has no token, or two, or more than three `*`.
 */
export function framePattern(text: string): FramePattern | null {
  const [token, another] = [...text.matchAll(TOKEN)]
  if (token === undefined || another !== undefined) return null
  const [written, inPercent, inDollar] = token
  const signs = /^[#@]/.test(written) ? written.length : 0
  const padding = written === "#" ? 4 : signs || Number(inPercent ?? inDollar ?? "") || 1
  if (text.split("*").length > MOST_STARS + 1) return null
  const literal = (part: string): string => part.split("*").map(escaped).join(".*")
  const [before, behind] = [text.slice(0, token.index), text.slice(token.index + written.length)]
  return { padding, matches: new RegExp(`^(${literal(before)})(-?\\d+)(?=${literal(behind)}$)`, "s") }
}
