import type { FrameName } from "../../element/frame-name.ts"
import { frameSet, rangesText } from "../../element/frame-ranges.ts"
import type { Listed } from "./read.ts"

/** A sequence as a list names it, with the frames that are listed as ranges. */
export type ListedSequence = Pick<FrameName, "folder" | "head" | "tail"> & { readonly frames: string }

export type ListedSequences = {
  readonly sequences: readonly ListedSequence[]
  /** Entries that cannot be true; the first of them at most, and how many there are. */
  readonly lies: readonly string[]
  readonly lieCount: number
  /** What is wrong with the list, as the end of a sentence: then no sequence is believed to be whole. */
  readonly problem: string | null
}

const MOST_LIES = 20
const MOST_SEQUENCES = 10_000

/** The sequences of which a list names frames. `nameOf` tells what a path of the list is as a frame; null where it is none. */
export async function sequencesListed(
  list: AsyncIterable<Listed>,
  nameOf: (path: string) => FrameName | null,
): Promise<ListedSequences> {
  const found = new Map<string, { readonly name: FrameName; readonly frames: number[] }>()
  const lies: string[] = []
  let lieCount = 0
  const broken = (problem: string): ListedSequences => ({ sequences: [], lies, lieCount, problem })
  for await (const listed of list) {
    if (listed.kind === "problem") return broken(listed.says)
    if (listed.kind === "lie") {
      if (lieCount++ < MOST_LIES) lies.push(listed.says)
      continue
    }
    const name = nameOf(listed.path)
    if (name === null) continue
    const id = JSON.stringify([name.folder, name.head, name.tail])
    const sequence = found.get(id) ?? { name, frames: [] }
    sequence.frames.push(name.frame)
    found.set(id, sequence)
    if (found.size > MOST_SEQUENCES) return broken(`names more than ${MOST_SEQUENCES} sequences`)
  }
  const sequences = [...found.values()].map(({ name: { folder, head, tail }, frames }) => ({
    ...{ folder, head, tail },
    frames: rangesText(frameSet(frames)),
  }))
  return { sequences, lies, lieCount, problem: null }
}
