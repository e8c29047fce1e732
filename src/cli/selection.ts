// What a command line points at: a folder of frames, and which of its frames.

import { lstatSync, realpathSync, type Stats, statSync } from "node:fs"
import { basename, dirname, join, relative, resolve, sep } from "node:path"
import { sequenceRuleFor } from "../config/sequence-rules.ts"
import { endingsOf } from "../config/table-folder.ts"
import { findInstallation, findInstallationAround, type Installation } from "../deployment/deployment-target.ts"
import { frameNameOf } from "../element/frame-name.ts"
import { framesOfText } from "../element/frame-ranges.ts"
import { isPattern, keyPattern, namePattern, patternProblem } from "../element/key-pattern.ts"
import { endingsText, isSource } from "../element/source.ts"
import { done, failed, failure, type Result } from "../events/result.ts"
import type { Call } from "./command.ts"

/** Which frames of a folder a command is about. */
export type Selection = {
  readonly has: (key: string) => boolean
  /** All of them lie below it: a folder with its slash, empty for the whole. */
  readonly prefix: string
  /** As it was given: `a.####.exr --exclude tmp`. */
  readonly says: string
}

/** The folder of frames, and which of them; null for all of them. */
export type PointedAt = { readonly installation: Installation; readonly selection: Selection | null }

const invalid = (says: string) => failed(failure("config/invalid", says))

/** A path as it was given: what of it exists, without links, and the pattern below that; null where it is no pattern. */
type Pointer = {
  readonly given: string
  readonly path: string
  readonly isFolder: boolean
  readonly pattern: string | null
}

/**
 * One folder is the folder of frames. Files, patterns and several folders lie in one: the nearest around them that has a state,
 * else the one that holds them all. Fails with config/invalid for what is not there and for what cannot be understood.
 */
export function findPointedAt(call: Call): Result<PointedAt> {
  const pointers = pointersOf(call)
  if (!pointers.ok) return pointers
  const [first, another] = pointers.value
  const isOneFolder = another === undefined && (first === undefined || (first.isFolder && first.pattern === null))
  const found = isOneFolder
    ? findInstallation(call, call.args[0] ?? null)
    : findInstallationAround(call, commonFolder(pointers.value))
  if (!found.ok) return found
  const endings = endingsOf(found.value.config)
  const isOther = ({ path, isFolder }: Pointer): boolean => !isFolder && !isSource(basename(path), endings)
  // Beside frames, other files are left out, as in a folder: a shell puts them all in the place of a *.
  if (!isOneFolder && pointers.value.every(isOther))
    return invalid(
      `${pointers.value[0]?.given} is a file, and no frame by its name: frames end in ${endingsText(endings)}.`,
    )
  const selection = selectionOf(call, found.value, isOneFolder ? [] : pointers.value)
  return selection.ok ? done({ installation: found.value, selection: selection.value }) : selection
}

function pointersOf({ args, cwd }: Call): Result<readonly Pointer[]> {
  const pointers: Pointer[] = []
  for (const given of args) {
    const pointer = pointerOf(given, cwd)
    if (!pointer.ok) return pointer
    pointers.push(pointer.value)
  }
  return done(pointers)
}

/** A name that exists is that name, whatever it holds: each part of a path is looked for before it is taken for a pattern. */
function pointerOf(given: string, cwd: string): Result<Pointer> {
  if (given.includes("\0")) return invalid("A path with a NUL character in it names nothing.")
  const parts = resolve(cwd, given).split(sep)
  let known = parts.length
  while (known > 1 && !isThere(pathOf(parts.slice(0, known)))) known -= 1
  const path = pathOf(parts.slice(0, known))
  const isFolder = isFolderAt(path)
  const rest = parts.slice(known).join("/")
  if (rest === "") {
    // The last name stays as it is: it may be a link of its own in the folder.
    const real = isFolder ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path))
    return done({ given, path: real, isFolder, pattern: null })
  }
  if (!isFolder || !isPattern(rest))
    return invalid(`${given} does not exist: name a folder of frames, files, or a pattern such as a.####.exr.`)
  const problem = patternProblem(rest)
  return problem === null
    ? done({ given, path: realpathSync(path), isFolder, pattern: rest })
    : invalid(`The pattern ${given} cannot be used: ${problem}.`)
}

const pathOf = (parts: readonly string[]): string => parts.join(sep) || sep

/** Also a link that leads nowhere is there. */
const isThere = (path: string): boolean => seen(() => lstatSync(path, { throwIfNoEntry: false })) !== undefined

const isFolderAt = (path: string): boolean =>
  seen(() => statSync(path, { throwIfNoEntry: false }))?.isDirectory() === true

/** What may not be looked at, for lack of permission or because links lead in a circle, is not there. */
function seen(look: () => Stats | undefined): Stats | undefined {
  try {
    return look()
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined
    throw error
  }
}

const folderOfPointer = ({ path, isFolder }: Pointer): string => (isFolder ? path : dirname(path))

function commonFolder(pointers: readonly Pointer[]): string {
  const [first = sep, ...others] = pointers.map(folderOfPointer)
  return others.reduce((common, folder) => {
    let shared = common
    while (shared !== folder && !folder.startsWith(shared === sep ? sep : `${shared}${sep}`)) shared = dirname(shared)
    return shared
  }, first)
}

type Test = (key: string) => boolean

function selectionOf(call: Call, installation: Installation, pointers: readonly Pointer[]): Result<Selection | null> {
  const { root, bucket, config } = installation
  const patterns = (option: string): readonly string[] => {
    const given = call.options[option]
    return Array.isArray(given) ? given : []
  }
  const [includes, excludes] = [patterns("include"), patterns("exclude")]
  for (const text of [...includes, ...excludes]) {
    const problem = patternProblem(text)
    if (problem !== null) return invalid(`The pattern ${JSON.stringify(text)} cannot be used: ${problem}.`)
  }
  const written = call.options.frames
  const frames = typeof written === "string" ? framesOfText(written) : new Float64Array()
  if (frames === null)
    return invalid(`--frames ${written} must be numbers and ranges such as 1001-1100, 1001-1100x10 or 1001,1005.`)
  const ruleFor = sequenceRuleFor(config.sequenceRules)
  const numbers = new Set(frames)
  const tests: readonly Test[] = [
    ...(pointers.length === 0 ? [] : [anyOf(pointers.map((pointer) => pointerTest(pointer, root)))]),
    ...(includes.length === 0 ? [] : [anyOf(includes.map(namePattern))]),
    ...excludes.map(namePattern).map((excludes) => (key: string) => !excludes(key)),
    ...(typeof written === "string"
      ? [(key: string) => numbers.has(frameNameOf(key, ruleFor({ bucket, key }))?.frame ?? Number.NaN)]
      : []),
  ]
  if (tests.length === 0) return done(null)
  const prefix = pointers.length === 0 ? "" : folderKey(root, commonFolder(pointers))
  return done({
    prefix,
    has: (key) => tests.every((test) => test(key)),
    says: asGiven(pointers, includes, excludes, written),
  })
}

const anyOf =
  (tests: readonly Test[]): Test =>
  (key) =>
    tests.some((test) => test(key))

/** The key of a path below the root. */
const keyOf = (root: string, path: string): string => relative(root, path).split(sep).join("/")

const folderKey = (root: string, folder: string): string => (folder === root ? "" : `${keyOf(root, folder)}/`)

function pointerTest({ path, isFolder, pattern }: Pointer, root: string): Test {
  if (!isFolder) {
    const wanted = keyOf(root, path)
    return (key) => key === wanted
  }
  const below = folderKey(root, path)
  const isTaken = pattern === null ? () => true : keyPattern(pattern)
  return (key) => key.startsWith(below) && isTaken(key.slice(below.length))
}

/** Paths that a sentence names. */
const MOST_NAMED = 3

function asGiven(
  pointers: readonly Pointer[],
  includes: readonly string[],
  excludes: readonly string[],
  frames: unknown,
): string {
  const more = pointers.length - MOST_NAMED
  return [
    ...pointers.slice(0, MOST_NAMED).map(({ given }) => given),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...includes.map((text) => `--include ${text}`),
    ...excludes.map((text) => `--exclude ${text}`),
    ...(typeof frames === "string" ? [`--frames ${frames}`] : []),
  ].join(" ")
}
