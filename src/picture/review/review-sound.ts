// The sound of a review copy: that of its movie, in the packets as they are.

import type { Rational } from "../../events/records.generated.ts"
import { done, failed, failure, type Result } from "../../events/result.ts"
import type { ReadBytes } from "../encode/mp4/read-boxes.ts"
import { type FoundSound, readSound, stretchOf } from "../encode/mp4/read-sound.ts"
import { bytesOfChunk, PACKET_SAMPLES, type SoundChunk } from "../encode/mp4/sound-track.ts"
import type { ReviewJob } from "../index.ts"
import type { ReviewPlan } from "./plan.ts"

/** What is heard, and the movie that it is read from. */
export type ReviewSound = FoundSound & { readonly read: ReadBytes }

/** The slate is silent. */
const SILENT_FRAMES = 1

/** Null for a silent movie, and where its sound ends before the first frame that is shown. Fails: source/changed, and as is read. */
export async function reviewSound(
  { skipped, frames }: ReviewPlan,
  { order: { rate }, movie }: Pick<ReviewJob, "order" | "movie">,
): Promise<Result<ReviewSound | null>> {
  if (movie === null) return done(null)
  const found = await readSound(movie, rate)
  if (!found.ok) return found
  if (found.value === null)
    return failed(failure("source/changed", "The movie has not the sound that it had when it was made."))
  const stretch = stretchOf(found.value, { from: skipped, frames: frames - SILENT_FRAMES, rate })
  return done(stretch && { ...stretch, read: movie })
}

/**
 * Its packets by the pictures at which segments start, before which they lie: what is heard during a segment lies before it,
 * so that segments stay whole.
 */
export function soundBefore(starts: Uint32Array, { track, offsets, read }: ReviewSound, { num, den }: Rational) {
  const chunks: SoundChunk[] = []
  let packet = 0
  for (const [place, before] of starts.entries()) {
    const next = starts[place + 1]
    const end = next === undefined ? track.packetBytes.length : packetAt(next - SILENT_FRAMES)
    if (end > packet) chunks.push({ before, first: packet, packets: end - packet })
    packet = Math.max(packet, end)
  }
  return {
    ...{ track, chunks, silent: SILENT_FRAMES },
    between: new Map(chunks.map((chunk) => [chunk.before, bytesOfChunk(track, chunk)])),
    /** What lies before the segment that starts at a picture. Fails as the reading does. */
    read: async (before: number): Promise<Result<Uint8Array>> => {
      const chunk = chunks.find((one) => one.before === before)
      return chunk === undefined ? done(new Uint8Array()) : packetsOf(chunk)
    },
  }

  function packetAt(frame: number): number {
    const samples = (frame * den * track.rate) / num
    return Math.min(track.packetBytes.length, Math.ceil((samples + track.priming) / PACKET_SAMPLES))
  }

  /** Packets of a second lie behind one another in the movie: they are read at once. */
  async function packetsOf({ first, packets }: SoundChunk): Promise<Result<Uint8Array>> {
    const runs: { start: number; end: number }[] = []
    for (let at = first; at < first + packets; at++) {
      const [start, bytes] = [offsets[at] ?? 0, track.packetBytes[at] ?? 0]
      const last = runs.at(-1)
      if (last?.end === start) last.end += bytes
      else runs.push({ start, end: start + bytes })
    }
    const pieces: Uint8Array[] = []
    for (const { start, end } of runs) {
      const bytes = await read(start, end)
      if (!bytes.ok) return bytes
      if (bytes.value.length !== end - start)
        return failed(failure("source/changed", "The movie ends before its sound does."))
      pieces.push(bytes.value)
    }
    return done(Buffer.concat(pieces))
  }
}
