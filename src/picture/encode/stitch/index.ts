import type { Rational } from "../../../events/records.generated.ts"
import { done, failed, failure, type Result } from "../../../events/result.ts"
import { type IdrPicId, idrPicIdStartRewriter } from "../mp4/idr-pic-id.ts"
import { movieHead } from "../mp4/index.ts"
import type { MovieSamples } from "../mp4/sample-table.ts"
import { bytesOfChunk, soundChunks } from "../mp4/sound-track.ts"
import type { MovieFormat } from "../mp4/tracks.ts"
import type { EncodedSound } from "../sound/index.ts"
import { inOrder } from "./ahead.ts"
import { type Layout, layoutOf } from "./layout.ts"
import type { PictureFormat, Pictures, ReadPicture } from "./pictures.ts"

/**
 * One-frame movies → the movie of a sequence, without encoding anything: samples are copied, and in every second one the
 * number that tells it from the one before is written anew, so that each decoded frame is bit for bit its own proxy's.
 *
 *     const pictures = await readPictures(count, read, ahead)    what there is: a few KB of each file are read
 *     const { format, unlike } = commonFormat(pictures)          whether it can be stitched
 *     const shown = shownFrames(found, range, "hold")            what stands in the place of missing frames
 *     stitched({ pictures, format, shown: shown.pictures, rate, timecode, sound }, read, ahead)
 */

export { type FrameRange, type ShownFrames, shownFrames } from "./gaps.ts"
export { commonFormat, readPictures } from "./pictures.ts"

export type StitchOrder = Pick<MovieFormat, "rate" | "timecode"> & {
  readonly pictures: Pictures
  readonly format: PictureFormat
  /** For each frame of the movie, the picture that it shows; all of the common format. */
  readonly shown: Int32Array
  /** Absent or null for a silent movie. */
  readonly sound?: EncodedSound | null
}

/**
 * The bytes of the movie, in order. Memory holds the index and `ahead` pictures, however many there are. A failure of a
 * reading, or `source/changed` where a file is not what it was, is the last value.
 */
export async function* stitched(
  order: StitchOrder,
  read: ReadPicture,
  ahead: number,
): AsyncGenerator<Result<Uint8Array>> {
  const { pictures, format, shown, rate, timecode, sound = null } = order
  const layout = layoutOf(shown, sizesOf(pictures))
  const heard = sound === null ? null : heardBetween(sound, layout.samples, rate)
  const samples = heard === null ? layout.samples : { ...layout.samples, between: heard.between }
  yield done(movieHead({ ...format, rate, timecode }, samples, { sound: heard }))
  const sampleOf = samplesOf(layout, order, read)
  let stored = 0
  for await (const sample of inOrder(layout.pictures.length, ahead, sampleOf)) {
    if (!sample.ok) return yield sample
    const chunk = heard?.at.get(stored++)
    if (chunk !== undefined && sound !== null) yield done(await sound.read(chunk))
    for (const bytes of sample.value) yield done(bytes)
  }
  const last = heard?.at.get(stored)
  if (last !== undefined && sound !== null) yield done(await sound.read(last))
}

/** The sound between the pictures: its chunks by the picture before which they lie, and how many bytes each has. */
function heardBetween({ track }: EncodedSound, samples: MovieSamples, rate: Rational) {
  const chunks = soundChunks(track, samples, rate)
  return {
    ...{ track, chunks },
    at: new Map(chunks.map((chunk) => [chunk.before, chunk])),
    between: new Map(chunks.map((chunk) => [chunk.before, bytesOfChunk(track, chunk)])),
  }
}

function sizesOf({ bytes, growth }: Pictures): readonly [Uint32Array, Uint32Array] {
  const grown = (by: Int16Array): Uint32Array => bytes.map((size, picture) => size + (by[picture] ?? 0))
  return [grown(growth[0]), grown(growth[1])]
}

type Samples = (stored: number) => Promise<Result<readonly Uint8Array[]>>

/** The bytes of each stored sample, of which only the first are written anew. */
function samplesOf(layout: Layout, { pictures, format }: StitchOrder, read: ReadPicture): Samples {
  const rewrite = idrPicIdStartRewriter(format.avcC)
  if (rewrite === null) throw new Error("Pictures of this format cannot be stitched.")
  return async (stored) => {
    const picture = layout.pictures[stored] ?? 0
    const id: IdrPicId = layout.ids[stored] === 1 ? 1 : 0
    const [offset, size] = [pictures.offsets[picture] ?? 0, pictures.bytes[picture] ?? 0]
    const sample = await read(picture, offset, offset + size)
    if (!sample.ok) return sample
    const start = rewrite(sample.value, size, id)
    const bytes = start === null ? [] : [start.by, sample.value.subarray(start.replaced)]
    const length = bytes.reduce((sum, { length }) => sum + length, 0)
    return length === layout.samples.storedBytes[stored] ? done(bytes) : failed(changed(picture))
  }
}

const changed = (picture: number) =>
  failure("source/changed", `Picture ${picture} of the sequence is not what it was when the movie was planned.`)
