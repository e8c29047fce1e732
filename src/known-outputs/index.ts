import type { Result } from "../events/result.ts"

/** Where the outputs of one picture are: the bucket, and the keys in it. */
export type OutputsAt = { readonly bucket: string; readonly thumbnail: string; readonly proxy: string }

/**
 * Remembers where outputs of a picture were stored, so that the same picture under another name is copied instead of
 * rendered. Only a memory: whoever is told of a place looks there before believing it, and one that was forgotten costs a
 * render, never truth. Fails: table/unreachable (outage), table/refused.
 */
export interface KnownOutputs {
  /** Places that held outputs of this picture, the newest first, at most {@link MOST_PLACES}. They may hold others by now. */
  find(pictureKey: string): Promise<Result<readonly OutputsAt[]>>
  /** From now on these names hold this picture, and no other that was remembered of them. */
  remember(pictureKey: string, at: OutputsAt): Promise<Result<void>>
}

/** Places told of one picture: more would only be looked at in vain. */
export const MOST_PLACES = 4
