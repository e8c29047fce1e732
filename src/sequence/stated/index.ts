import type { FrameName } from "../../element/frame-name.ts"
import { frameSet, framesOfText, rangesText } from "../../element/frame-ranges.ts"
import { endingOf, fileNameOf, folderOf, isHidden, isOutput } from "../../element/key.ts"
import type { StatedSequence } from "./otio.ts"
import { isAbout, readyFileOf } from "./ready.ts"

/** Which frames others say that a sequence has. Pure; nobody is believed about frames outside their own folder. */

export { readOtio, type Stated, type StatedSequence } from "./otio.ts"
export { isAbout, readReady, readyFileOf, readyKeysOf } from "./ready.ts"

/** What somebody says that a sequence has, as ranges: `1001-1040,1045`. */
export type Statement = { readonly by: (typeof ORDER)[number]; readonly frames: string }

/** Who is believed where they disagree: what a person set, then what is said of this sequence alone. */
const ORDER = ["rule", "ready", "otio", "mhl"] as const

/** The frames of a word whose object is gone: nothing is stated by it any more. */
export const TAKEN_BACK = ""

/** Whether a word is a statement of frames: others only say that a sequence is complete. */
export const isStatement = (word: { readonly by: string; readonly frames: string | null }): word is Statement =>
  word.frames !== null && word.frames !== TAKEN_BACK && ORDER.some((by) => by === word.by)

/** The frames of whoever is believed, ascending; null where nobody states any. */
export function framesAgreedOn(statements: readonly Statement[]): Float64Array | null {
  const inOrder = ORDER.flatMap((by) => statements.filter((one) => one.by === by))
  for (const { frames } of inOrder) {
    const set = framesOfText(frames)
    if (set !== null) return set
  }
  return null
}

type SequenceName = Pick<FrameName, "folder" | "head" | "tail">

/** What an OpenTimelineIO file says of one sequence: the frames of all clips that are cut from it. */
export function otioStatement(stated: readonly StatedSequence[], of: SequenceName): Statement | null {
  const clips = stated.filter(({ folder, head, tail }) => folder === of.folder && head === of.head && tail === of.tail)
  const sets = clips.map(({ frames }) => framesOfText(frames))
  if (sets.length === 0 || sets.some((set) => set === null)) return null
  return { by: "otio", frames: rangesText(frameSet(sets.flatMap((set) => [...(set ?? [])]))) }
}

/** By whom a hint is where a sequence is new: something that states its frames may lie beside them already. */
export const BESIDE = "beside"

/** What an object that states something of sequences is, by its name; null for all others. */
export function statementKindOf(key: string): "ready" | "otio" | "mhl" | null {
  if (isOutput(key)) return null
  if (readyFileOf(key) !== null) return "ready"
  if (isHidden(key)) return null
  if (endingOf(key) === "otio") return "otio"
  return folderOfList(key) === null || generationOf(fileNameOf(key)) === null ? null : "mhl"
}

/** By whom a hint is of which nobody learns frames: the movie's sound is another one. */
export const SOUND = "sound"

/** What an object that has a say in sequences is, by its name: what states something of them, or a WAV; null for all others. */
export const hintKindOf = (key: string): ReturnType<typeof statementKindOf> | typeof SOUND =>
  statementKindOf(key) ?? (endingOf(key) === "wav" && !isOutput(key) && !isHidden(key) ? SOUND : null)

/** The folder that a hash list is of: the one that holds its `ascmhl/`; null where it lies in none. */
export const folderOfList = (key: string): string | null => /^(.*\/|)ascmhl\/[^/]*$/.exec(key)?.[1] ?? null

/** The hash list of the newest generation among these. */
export function newestList(keys: Iterable<string>): string | null {
  let newest: { readonly key: string; readonly generation: number } | null = null
  for (const key of keys) {
    const generation = generationOf(fileNameOf(key))
    if (generation !== null && generation > (newest?.generation ?? 0)) newest = { key, generation }
  }
  return newest?.key ?? null
}

/** Objects beside a sequence's frames that may state something of it. */
export type Beside = {
  readonly ready: readonly string[]
  readonly otio: readonly string[]
  /** The hash list of the newest generation, of this folder. */
  readonly list: string | null
}

/** `keys` are those of the sequence's folder, and of `ascmhl/` in it. */
export function besides(keys: Iterable<string>, sequence: SequenceName): Beside {
  const [ready, otio]: [string[], string[]] = [[], []]
  const lists: string[] = []
  for (const key of keys) {
    const file = readyFileOf(key)
    if (file !== null && isAbout(file, sequence)) ready.push(key)
    else if (folderOf(key) === sequence.folder && endingOf(key) === "otio") otio.push(key)
    if (folderOf(key) === `${sequence.folder}ascmhl/`) lists.push(key)
  }
  return { ready: ready.sort(), otio: otio.sort(), list: newestList(lists) }
}

/** Of `0002_shot_2026-01-31_120000Z.mhl`; null for what is no list. */
function generationOf(name: string): number | null {
  const [, digits] = /^(\d{4,9})_.*\.mhl$/i.exec(name) ?? []
  return digits === undefined ? null : Number(digits)
}
