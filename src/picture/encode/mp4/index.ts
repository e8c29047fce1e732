import { box, fullBox, letters, u32, zeros } from "./boxes.ts"
import { idrPicIdRewriter } from "./idr-pic-id.ts"
import { bytesOf, isSmall, type MovieSamples, placesOfStored } from "./sample-table.ts"
import { bytesOfChunk, type SoundChunk, type SoundTrack, soundTrack } from "./sound-track.ts"
import {
  type MovieFormat,
  NEXT_TRACK,
  pictureTrack,
  TIMECODE_BYTES,
  ticksOf,
  timecodeSample,
  timecodeTrack,
  UNTURNED,
} from "./tracks.ts"

/**
 * H.264 pictures → MP4 (ISO 14496-12 and -15), written by ourselves: the index stands first, and equal input gives equal
 * bytes, for no time, no tool and no chance is written. Samples are NAL units with four-byte lengths: `accessUnitOf` makes
 * them, and the parameter sets for `avcConfiguration`, of what an encoder wrote.
 *
 *     const { sps, pps, sample } = accessUnitOf(annexB)
 *     oneFrameMovie({ width, height, rate, timecode, avcC: avcConfiguration(sps, pps) }, sample, stillHoldFrames)
 */

export { avcConfiguration } from "./avc-configuration.ts"
export { accessUnitOf, accessUnitsOf, annexBOf, unitsBehindLengths } from "./nal-units.ts"

export type { MovieFormat } from "./tracks.ts"

/**
 * The whole movie of one picture, shown as `frames` frames (1 or more). Two frames behind one another are two samples with
 * numbers that differ, as decoders ask for; from the third on they are shown again.
 */
export function oneFrameMovie(format: MovieFormat, sample: Uint8Array, frames = 1): Buffer {
  const stored = frames > 1 ? [sample, otherwiseNumbered(format, sample)] : [sample]
  const storedBytes = Uint32Array.from(stored, ({ length }) => length)
  const shown = new Uint32Array(frames).map((_, frame) => frame % stored.length)
  return Buffer.concat([movieHead(format, { storedBytes, shown, sync: null }), ...stored])
}

function otherwiseNumbered({ avcC }: MovieFormat, sample: Uint8Array): Uint8Array {
  const numbered = idrPicIdRewriter(avcC)?.(sample, 1)
  if (numbered === undefined || numbered === null) throw new Error("Only progressive IDR pictures can be held.")
  return numbered
}

/** What a movie has beside its pictures and its timecode. */
export type MovieExtras = {
  /** Boxes behind the index that say more of the movie, to whoever knows them. */
  readonly beside?: Buffer
  /** Sound, and its chunks, whose bytes the samples name as lying between the pictures. */
  readonly sound?: {
    readonly track: SoundTrack
    readonly chunks: readonly SoundChunk[]
    /** Frames before it begins; absent for none. */
    readonly silent?: number
  } | null
}

/**
 * All of a movie that stands before its pictures. The stored samples follow it, in order and with nothing between them but
 * the sound that `samples` names, so that a movie of any length can be piped: only their sizes are needed beforehand.
 */
export function movieHead(format: MovieFormat, samples: MovieSamples, extras: MovieExtras = {}): Buffer {
  const { storedBytes, shown } = samples
  if (shown.length === 0) throw new Error("A movie has one frame at least.")
  if (shown.length * ticksOf(format.rate).perFrame > LONGEST) throw new Error("A movie has fewer than 2^32 ticks.")
  if (shown.some((stored) => !storedBytes[stored])) throw new Error("A frame shows a sample that is not stored.")
  const { beside = zeros(0) } = extras
  const timecode = timecodeSample(format)
  const data = dataHead(timecode.length + bytesOf(samples))
  const others = FILE_TYPE.length + beside.length + data.length
  const indexAt = (offset: number): Buffer => index(format, samples, { offset, extras })
  // Offsets are as long wherever they point, except past 4 GiB: then the first answer was measured with short ones.
  const wide = others + indexAt(others + indexAt(0).length).length
  return Buffer.concat([FILE_TYPE, indexAt(wide), beside, data, timecode])
}

/** Ticks that 32 bits can count: 49 hours of film. */
const LONGEST = 0xffffffff

/** What ffmpeg writes, and every player expects of H.264. */
const FILE_TYPE = box("ftyp", letters("isom"), u32(0x200), letters("isomiso2avc1mp41"))

type Placed = { readonly offset: number; readonly extras: MovieExtras }

/** The index of a movie whose data starts at `offset` of the file, the timecode before the pictures. */
function index(format: MovieFormat, samples: MovieSamples, { offset, extras }: Placed): Buffer {
  const { timecode, rate } = format
  const pictures = offset + (timecode === null ? 0 : TIMECODE_BYTES)
  const frames = samples.shown.length
  const sound = extras.sound ?? null
  return box(
    "moov",
    movieHeader(format, frames, sound === null ? NEXT_TRACK : NEXT_TRACK + 1),
    pictureTrack(format, samples, pictures),
    ...(timecode === null ? [] : [timecodeTrack({ ...format, timecode }, frames, offset)]),
    ...(sound === null
      ? []
      : [
          soundTrack(sound.track, {
            id: NEXT_TRACK,
            chunks: placed(sound, samples, pictures),
            movie: { rate, frames, silent: sound.silent ?? 0 },
          }),
        ]),
  )
}

/** A chunk ends where the picture begins before which it lies. */
function placed({ track, chunks }: NonNullable<MovieExtras["sound"]>, samples: MovieSamples, offset: number) {
  const places = placesOfStored(samples, offset)
  return chunks.map((chunk) => ({ ...chunk, offset: (places[chunk.before] ?? 0) - bytesOfChunk(track, chunk) }))
}

/** Normal speed and full sound, 16.16 and 8.8. */
const NORMAL = u32(0x10000, 0x1000000)

function movieHeader({ rate }: MovieFormat, frames: number, nextTrack: number): Buffer {
  const { perSecond, perFrame } = ticksOf(rate)
  const times = u32(0, 0, perSecond, frames * perFrame)
  return fullBox("mvhd", 0, times, NORMAL, zeros(8), UNTURNED, zeros(24), u32(nextTrack))
}

/** The head of the box that holds the pictures. */
function dataHead(bytes: number): Buffer {
  if (isSmall(bytes + 8)) return Buffer.concat([u32(bytes + 8), letters("mdat")])
  const head = Buffer.alloc(16)
  head.writeUInt32BE(1)
  head.write("mdat", 4, "latin1")
  head.writeBigUInt64BE(BigInt(bytes + 16), 8)
  return head
}
