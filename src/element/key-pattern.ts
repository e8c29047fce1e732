// Patterns of keys as people write them: globs of a shell, and one token for the number of a frame.

import picomatch from "picomatch"
import { fileNameOf, folderOf } from "./key.ts"

/** Says whether a pattern takes in a key: by its own name, or by one of the folders that it lies in. */
export type KeyPattern = (key: string) => boolean

/** `####` and `@@@@` (as many digits), `#` (four, as in OpenRV and fileseq), `%04d`, `$F4`; `@(` begins a group of a glob. */
const TOKEN = /#+|@+(?![@(])|%0?(\d*)d|\$F(\d*)/g

/** Longer ones nobody writes. */
const MOST_LETTERS = 4096

/** Whether a text is more than a name: it holds what a glob or the number of a frame is written with. */
export const isPattern = (text: string): boolean =>
  /[*?[{]|[@!+?]\(/.test(text) || [...fileNameOf(text).matchAll(TOKEN)].length > 0

/** A pattern without what only says where it begins and that it is a folder's. */
const bare = (text: string): string => text.replace(/^(?:\.?\/)+/, "").replace(/\/+$/, "")

/** What is wrong with a pattern, as the end of the sentence "... cannot be used: "; null where nothing is. */
export function patternProblem(text: string): string | null {
  if (bare(text) === "") return "it is empty"
  if (text.length > MOST_LETTERS) return `it has more than ${MOST_LETTERS} letters`
  if (text.includes("\0")) return "it holds a NUL character"
  if (/\{[^{},]*\.\.[^{},]*\}/.test(text)) return "a range in braces is the shell's: write --frames 1001-1100"
  const [token, another] = fileNameOf(bare(text)).matchAll(TOKEN)
  if (another !== undefined) return "it has two tokens for the number of a frame"
  if (token !== undefined && isInBrackets(token)) return "the number of a frame cannot stand in brackets"
  return isUnderstood(bare(text)) ? null : "its brackets cannot be understood"
}

function isUnderstood(pattern: string): boolean {
  try {
    return expressionOf(pattern) instanceof RegExp
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}

/** Brackets hold letters of which one is meant. */
function isInBrackets({ 0: written, index, input }: RegExpExecArray): boolean {
  return /(?<!\\)\[[^\]]*$/.test(input.slice(0, index)) && input.slice(index + written.length).includes("]")
}

/**
 * A pattern of whole keys, from the folder of frames downwards: `sh010/*.####.exr`, `sh0*`, `**` for folders of any depth. What
 * takes a folder in takes in all that lies below it. Letters of another case are other letters.
 */
export function keyPattern(text: string): KeyPattern {
  const matches = expressionOf(bare(text))
  return (key) => {
    for (let end = key.length; end > 0; end = key.lastIndexOf("/", end - 1))
      if (matches.test(key.slice(0, end))) return true
    return false
  }
}

/** A pattern with a slash is one of keys; one without is of names, of the file or of any folder that it lies in. */
export function namePattern(text: string): KeyPattern {
  if (text.replace(/\/+$/, "").includes("/")) return keyPattern(text)
  const matches = expressionOf(text.replace(/\/+$/, ""))
  const isFolderOnly = text.endsWith("/")
  return (key) => (isFolderOnly ? folderOf(key) : key).split("/").some((name) => name !== "" && matches.test(name))
}

function expressionOf(pattern: string): RegExp {
  const [token] = [...fileNameOf(pattern).matchAll(TOKEN)]
  // Names that begin with a dot are names like all others.
  const options = { dot: true, nonegate: true }
  if (token === undefined) return picomatch.makeRe(pattern, options)
  let stand = "FrameNumber"
  while (pattern.includes(stand)) stand += "X"
  const at = folderOf(pattern).length + token.index
  const glob = `${pattern.slice(0, at)}${stand}${pattern.slice(at + token[0].length)}`
  return new RegExp(picomatch.makeRe(glob, options).source.replaceAll(stand, numberOf(token)), "s")
}

/** A number that is filled up with zeros to a width: longer ones have none in front. */
function numberOf([written, inPercent, inDollar]: RegExpExecArray): string {
  const signs = /^[#@]/.test(written) ? written.length : 0
  const padding = written === "#" ? 4 : signs || Number(inPercent ?? inDollar ?? "") || 1
  return `-?(?:\\d{${padding}}|[1-9]\\d{${padding},})`
}
