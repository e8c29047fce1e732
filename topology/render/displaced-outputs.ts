import type { Made } from "../../src/element/output-metadata.ts"
import type { ScratchFolder } from "../../src/picture/index.ts"
import type { RendererPorts } from "../ports.ts"
import { fetchOutputs, type OutputFiles } from "./output-files.ts"
import { type Claim, madeByAnyone } from "./outputs.ts"

/** Outputs that others were put over, kept for a while: their picture may be wanted under another name. */
export type DisplacedOutputs = {
  /** Keeps what is there under names that are about to be overwritten, unless it is this picture. */
  keep(there: Claim, pictureKey: string | null, signal: AbortSignal): Promise<void>
  /** Files of a picture that stay until they are released; null where none are kept. */
  take(pictureKey: string): Taken | null
  /** Gives the room back. */
  close(): Promise<void>
}

export type Taken = { readonly made: Made; readonly files: OutputFiles; readonly release: () => void }

/** Pairs kept: frames of a sequence that is renumbered are overwritten by their neighbours. Some 30 MB on scratch space. */
const MOST_PAIRS = 256

type Pair = { readonly files: OutputFiles; made: Made | null; users: number }

/**
 * When a sequence is renumbered or two files are swapped, the outputs of one are put over those of the next before that one's
 * turn has come. Keeping costs two small requests for outputs that are overwritten; losing them costs a render each.
 */
export function openDisplacedOutputs(ports: Pick<RendererPorts, "store" | "scratch">): DisplacedOutputs {
  let folder: Promise<ScratchFolder | null> | null = null
  const pairs: Pair[] = []
  let next = 0
  const pairOf = (pictureKey: string): Pair | undefined => pairs.find(({ made }) => made?.pictureKey === pictureKey)
  const room = async (): Promise<Pair | null> => {
    folder ??= ports.scratch.open(0).then((opened) => (opened.ok ? opened.value : null))
    const at = await folder
    if (at === null) folder = null
    return at === null ? null : placeIn(at.folder)
  }
  const placeIn = (path: string): Pair | null => {
    const index = next
    next = (next + 1) % MOST_PAIRS
    const files = { thumbnail: `${path}/${index}_thumb.jpg`, proxy: `${path}/${index}_proxy.mp4` }
    const pair = pairs[index] ?? { files, made: null, users: 0 }
    if (pair.users > 0) return null
    pairs[index] = pair
    pair.made = null
    return pair
  }
  return {
    async keep(there, pictureKey, signal) {
      const made = madeByAnyone(there)
      if (made === null || made.pictureKey === null || made.pictureKey === pictureKey) return
      if (pairOf(made.pictureKey) !== undefined) return
      const pair = await room()
      if (pair === null) return
      pair.users += 1
      // What cannot be kept is rendered again, if it is ever wanted.
      const failure = await fetchOutputs(ports, there, { files: pair.files, signal })
      pair.users -= 1
      if (failure === null) pair.made = made
    },
    take(pictureKey) {
      const pair = pairOf(pictureKey)
      if (pair === undefined || pair.made === null) return null
      pair.users += 1
      const release = (): void => {
        pair.users -= 1
      }
      return { made: pair.made, files: pair.files, release }
    },
    async close() {
      await (await folder)?.remove()
    },
  }
}
