import { type FrameName, frameNameOf } from "../../element/frame-name.ts"
import type { FrameList } from "../../events/records.generated.ts"
import { frameList } from "../integrity/frame-list.ts"
import type { HashFormat } from "./formats.ts"
import type { Listed, ListedFile } from "./read.ts"

/** A frame as it is known from facts. */
export type KnownFile = { readonly frame: number; readonly sizeBytes: number; readonly contentHash: string | null }

/** Its folder as it stands in the list: empty where the list is of that folder. */
export type SequenceName = Pick<FrameName, "folder" | "head" | "tail">

export type Comparison = {
  /** Frames of the sequence that are in the list and, as far as both sides know them, have its size and hash. */
  readonly same: FrameList
  /** Their bytes are not those that were listed. */
  readonly differing: FrameList
  /** Listed, and not there. */
  readonly absent: FrameList
  /** There, and not listed. */
  readonly unlisted: FrameList
  /** Of the same size, but the list has hashes of other kinds alone. */
  readonly uncompared: FrameList
  /** The kinds that it has of those. */
  readonly kinds: readonly HashFormat[]
  /** Of the same size and with a hash in the list, but that of the frame is not known. */
  readonly unhashed: FrameList
  /** The list itself says that they did not pass a verification. */
  readonly failedThen: FrameList
  /** All frames of the sequence that the list names. */
  readonly listed: FrameList
  /** Entries that cannot be true; the first of them at most, and how many there are. */
  readonly lies: readonly string[]
  readonly lieCount: number
  /** What is wrong with the list, after which nothing of it was read; null where it was read whole. */
  readonly problem: string | null
}

/** The newest list of the folder of a sequence, or of the nearest one above that has a list. */
export type ListBeside = {
  readonly key: string
  readonly comparison: Comparison
  /** Why the chain beside it does not vouch for it, as the end of a sentence; null where it does, or there is none. */
  readonly chainProblem: string | null
}

const MOST_LIES = 20

/** A frame's entry among those of a list; of one path that is listed twice. */
const VERDICTS = ["same", "unhashed", "uncompared", "differing", "absent"] as const

type Verdict = (typeof VERDICTS)[number]

/**
 * What a list says of a sequence, beside what is there. `files` are the frames of the sequence by their paths in the folder
 * that the list is of.
 */
export async function compareHashList(
  list: AsyncIterable<Listed>,
  sequence: SequenceName,
  files: ReadonlyMap<string, KnownFile>,
  mostRuns: number,
): Promise<Comparison> {
  const verdicts = new Map<number, Verdict>()
  const kinds = new Set<HashFormat>()
  const [failedThen, lies]: [number[], string[]] = [[], []]
  let [lieCount, problem]: [number, string | null] = [0, null]
  for await (const listed of list) {
    if (listed.kind === "problem") problem = listed.says
    else if (listed.kind === "lie") {
      lieCount++
      if (lies.length < MOST_LIES) lies.push(listed.says)
    } else {
      const frame = frameIn(sequence, listed.path)
      if (frame === null) continue
      if (listed.isFailed) failedThen.push(frame)
      const verdict = verdictOf(listed, files.get(listed.path))
      if (verdict === "uncompared") for (const kind of listed.hashes.keys()) kinds.add(kind)
      verdicts.set(frame, worse(verdicts.get(frame), verdict))
    }
  }
  const frames = (numbers: Iterable<number>): FrameList => sortedList(numbers, mostRuns)
  const judged = (of: Verdict): FrameList => frames([...verdicts].flatMap(([frame, is]) => (is === of ? [frame] : [])))
  const unlisted = [...files.values()].flatMap(({ frame }) => (verdicts.has(frame) ? [] : [frame]))
  return {
    ...{ same: judged("same"), differing: judged("differing"), absent: judged("absent") },
    ...{ uncompared: judged("uncompared"), kinds: [...kinds].sort(), unhashed: judged("unhashed") },
    ...{ unlisted: frames(unlisted), failedThen: frames(failedThen), listed: frames(verdicts.keys()) },
    ...{ lies, lieCount, problem },
  }
}

/** The frame of a sequence that a path names, under whatever rule the sequence was found; null for all other paths. */
export function frameIn({ folder, head, tail }: SequenceName, path: string): number | null {
  for (const rule of ["usual", "always"] as const) {
    const name = frameNameOf(path, rule)
    if (name?.folder === folder && name.head === head && name.tail === tail) return name.frame
  }
  return null
}

function verdictOf({ sizeBytes, hashes }: ListedFile, known: KnownFile | undefined): Verdict {
  if (known === undefined) return "absent"
  if (sizeBytes !== null && sizeBytes !== known.sizeBytes) return "differing"
  const hash = hashes.get("xxh128")
  if (hash === undefined) return "uncompared"
  if (known.contentHash === null) return "unhashed"
  return hash === known.contentHash ? "same" : "differing"
}

const worse = (one: Verdict | undefined, other: Verdict): Verdict =>
  one === undefined || VERDICTS.indexOf(other) > VERDICTS.indexOf(one) ? other : one

function sortedList(numbers: Iterable<number>, mostRuns: number): FrameList {
  const list = frameList(mostRuns)
  for (const frame of Float64Array.from(numbers).sort()) list.add(frame)
  return list.done()
}
