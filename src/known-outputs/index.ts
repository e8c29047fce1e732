/** A memory of where the outputs of each picture are. */
import type { OutputNames } from "../element/output-places.ts"
import type { Result } from "../events/result.ts"

/**
 * Remembers where outputs of a picture were stored, so that the same picture under another name is copied instead of
 * rendered. Only a memory: whoever is told of a place looks there before believing it, and one that was forgotten costs a
 * render, never truth. Fails: table/unreachable (outage), table/refused.
 */
export interface KnownOutputs {
  /** Names that held outputs of this picture, the newest first, at most {@link MOST_NAMES}. They may hold others by now. */
  find(pictureKey: string): Promise<Result<readonly OutputNames[]>>
  /** From now on these names hold this picture, and no other that was remembered of them. */
  remember(pictureKey: string, names: OutputNames): Promise<Result<void>>
}

/** Names told of one picture: more would only be looked at in vain. */
export const MOST_NAMES = 4
