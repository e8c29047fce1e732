import { box, fullBox, letters, u32, zeros } from "./boxes.ts"
import { idrPicIdRewriter } from "./idr-pic-id.ts"
import { bytesOf, isSmall, type MovieSamples } from "./sample-table.ts"
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

/**
 * All of a movie that stands before its pictures. The stored samples follow it, in order and without anything between
 * them, so that a movie of any length can be piped: only their sizes are needed beforehand. `beside` are boxes behind the
 * index that say more of the movie, to whoever knows them.
 */
export function movieHead(format: MovieFormat, samples: MovieSamples, beside: Buffer = zeros(0)): Buffer {
  const { storedBytes, shown } = samples
  if (shown.length === 0) throw new Error("A movie has one frame at least.")
  if (shown.length * ticksOf(format.rate).perFrame > LONGEST) throw new Error("A movie has fewer than 2^32 ticks.")
  if (shown.some((stored) => !storedBytes[stored])) throw new Error("A frame shows a sample that is not stored.")
  const timecode = timecodeSample(format)
  const data = dataHead(timecode.length + bytesOf(samples))
  const others = FILE_TYPE.length + beside.length + data.length
  const before = others + index(format, samples, 0).length
  // Offsets are as long wherever they point, except past 4 GiB: then the first answer was measured with short ones.
  const wide = others + index(format, samples, before).length
  return Buffer.concat([FILE_TYPE, index(format, samples, wide), beside, data, timecode])
}

/** Ticks that 32 bits can count: 49 hours of film. */
const LONGEST = 0xffffffff

/** What ffmpeg writes, and every player expects of H.264. */
const FILE_TYPE = box("ftyp", letters("isom"), u32(0x200), letters("isomiso2avc1mp41"))

/** The index of a movie whose data starts at `offset` of the file, the timecode before the pictures. */
function index(format: MovieFormat, samples: MovieSamples, offset: number): Buffer {
  const { timecode } = format
  const pictures = offset + (timecode === null ? 0 : TIMECODE_BYTES)
  const frames = samples.shown.length
  return box(
    "moov",
    movieHeader(format, frames),
    pictureTrack(format, samples, pictures),
    ...(timecode === null ? [] : [timecodeTrack({ ...format, timecode }, frames, offset)]),
  )
}

/** Normal speed and full sound, 16.16 and 8.8. */
const NORMAL = u32(0x10000, 0x1000000)

function movieHeader({ rate }: MovieFormat, frames: number): Buffer {
  const { perSecond, perFrame } = ticksOf(rate)
  const times = u32(0, 0, perSecond, frames * perFrame)
  return fullBox("mvhd", 0, times, NORMAL, zeros(8), UNTURNED, zeros(24), u32(NEXT_TRACK))
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
