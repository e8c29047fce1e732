import type { Made } from "../../src/element/output-metadata.ts"
import type { Scratch, ScratchFolder } from "../../src/picture/index.ts"
import type { ObjectStore } from "../../src/store/index.ts"
import { type Claim, fetchOutputs, filesAt, madeByAnyone, type OutputFiles } from "./head.ts"

/** Outputs that others were put over, kept for a while: their picture may be wanted under another name. */
export type DisplacedOutputs = {
  /** Keeps what is there under names that are about to be overwritten, unless it is this picture. */
  keep(there: Claim, pictureKey: string | null, signal: AbortSignal): Promise<void>
  /** Files of a picture that stay until they are released; null where none are kept. */
  take(pictureKey: string): LentOutputs | null
  /** Gives the room back. */
  close(): Promise<void>
}

export type LentOutputs = { readonly made: Made; readonly files: OutputFiles; readonly release: () => void }

/** Sets kept: frames of a sequence that is renumbered are overwritten by their neighbours. Some 30 MB on scratch space. */
const MOST_SETS = 256

/** All outputs of one frame. */
type OutputSet = { readonly files: OutputFiles; made: Made | null; users: number }

/**
 * When a sequence is renumbered or two files are swapped, the outputs of one are put over those of the next before that one's
 * turn has come. Keeping costs two small requests for outputs that are overwritten; losing them costs a render each.
 */
export function openDisplacedOutputs(ports: {
  readonly store: ObjectStore
  readonly scratch: Scratch
}): DisplacedOutputs {
  let folder: Promise<ScratchFolder | null> | null = null
  const sets: OutputSet[] = []
  let next = 0
  const setOf = (pictureKey: string): OutputSet | undefined => sets.find(({ made }) => made?.pictureKey === pictureKey)
  const roomFor = async (there: Claim): Promise<OutputSet | null> => {
    folder ??= ports.scratch.open(0).then((opened) => (opened.ok ? opened.value : null))
    const at = await folder
    if (at === null) folder = null
    return at === null ? null : nextIn(at.folder, there)
  }
  const nextIn = (path: string, there: Claim): OutputSet | null => {
    const index = next
    next = (next + 1) % MOST_SETS
    if ((sets[index]?.users ?? 0) > 0) return null
    const set: OutputSet = { files: filesAt(`${path}/${index}`, there), made: null, users: 0 }
    sets[index] = set
    return set
  }
  return {
    async keep(there, pictureKey, signal) {
      const made = madeByAnyone(there)
      if (made === null || made.pictureKey === null || made.pictureKey === pictureKey) return
      if (setOf(made.pictureKey) !== undefined) return
      const set = await roomFor(there)
      if (set === null) return
      set.users += 1
      // What cannot be kept is rendered again, if it is ever wanted.
      const failure = await fetchOutputs(ports, there, { files: set.files, signal })
      set.users -= 1
      if (failure === null) set.made = made
    },
    take(pictureKey) {
      const set = setOf(pictureKey)
      if (set === undefined || set.made === null) return null
      set.users += 1
      const release = (): void => {
        set.users -= 1
      }
      return { made: set.made, files: set.files, release }
    },
    async close() {
      await (await folder)?.remove()
    },
  }
}
