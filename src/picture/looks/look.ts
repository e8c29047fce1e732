/** Look files (CDL, CUBE, CLF, AMF): reading them, and applying them by OpenColorIO. */

/** What OpenColorIO reads a step of a look as: a file's ending, or a transform that it has built in. */
export type LookFormat = "cdl" | "cc" | "ccc" | "cube" | "clf" | "builtin"

/** One thing that a look does to colours. Its bytes are found by their hash. */
export type LookStep = {
  readonly sha256: string
  readonly format: LookFormat
  /** Which correction of a collection; the style of a built-in transform; else null. */
  readonly id: string | null
  /** Colour space of the numbers that it takes, and of those that it gives. */
  readonly space: string
  readonly output: string
}

/** A creative look from a file, applied to a scene before the view. Part of the renderKeys of those pictures alone. */
export type LookFile = {
  /** As the settings name it, or its key. */
  readonly name: string
  /** Of the file. */
  readonly sha256: string
  readonly steps: readonly LookStep[]
  /** What is wrong with one beside frames, as the end of a sentence: its pictures fail. Absent where nothing is. */
  readonly problem?: string
}

/** A look file that was read, with all that it needs: nothing is read of it again, so nothing of it can change. */
export type ReadLook = {
  readonly look: LookFile
  /** What an AMF file says of the sources, where it is known; else null. */
  readonly inputSpace: string | null
  /** By their sha256. */
  readonly bytes: ReadonlyMap<string, Uint8Array>
}

/**
 * The bytes of look files, for as long as somebody holds their settings: what is under way can be finished, and what nobody
 * uses any more takes no memory.
 */
export type LookBytes = {
  readonly hold: (read: ReadLook) => void
  readonly bytesOf: (look: LookFile, sha256: string) => Uint8Array | undefined
}

export function openLookBytes(): LookBytes {
  const held = new WeakMap<LookFile, ReadLook["bytes"]>()
  return {
    hold: ({ look, bytes }) => void held.set(look, bytes),
    bytesOf: (look, sha256) => held.get(look)?.get(sha256),
  }
}
