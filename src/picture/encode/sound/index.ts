import { open } from "node:fs/promises"
import { join } from "node:path"
import { done, type Failure, failed, failure, type Result } from "../../../events/result.ts"
import type { MovieOrder, PictureEngine, SoundOrder } from "../../index.ts"
import { onScratch } from "../../scratch.ts"
import { PACKET_SAMPLES, type SoundChunk, type SoundTrack } from "../mp4/sound-track.ts"
import { type AacStream, readAdts } from "./aac.ts"
import { channelsOf, PRIMING, rateOf } from "./encode.ts"
import { placeOf, type SoundedMovie } from "./place.ts"
import { readWav, type Wav } from "./wav.ts"

/** The WAV beside a sequence → the sound of its movie. What cannot be heard is said, and the movie is silent. */

/** Sound that is encoded, in a file. */
export type EncodedSound = {
  readonly track: SoundTrack
  /** The packets of a chunk. */
  readonly read: (chunk: SoundChunk) => Promise<Uint8Array>
  readonly close: () => Promise<void>
}

/** What there is to be heard; null for nothing. */
export type Sounded = { readonly sound: EncodedSound | null; readonly warnings: readonly string[] }

const silent = (why: string): Result<Sounded> => done({ sound: null, warnings: [`The movie has no sound: ${why}.`] })

type Encode = PictureEngine["encodeSound"]

/** Fails: scratch/full, stopped, tool/missing; whatever is wrong with the WAV is a warning. */
export async function soundFor(
  { sound, gaps, signal }: Pick<MovieOrder, "sound" | "gaps" | "signal">,
  movie: SoundedMovie & { readonly hasGaps: boolean },
  encode: Encode,
): Promise<Result<Sounded>> {
  if (sound === null) return done({ sound: null, warnings: [] })
  if ("problem" in sound) return silent(`the WAV file beside the frames ${sound.problem}`)
  if (gaps === "skip" && movie.hasGaps) return silent("it skips frames, which sound does not")
  const read = await onScratch(async () => done(await readWav(sound.file)))
  if (!read.ok) return read
  const wav = read.value
  if ("problem" in wav) return silent(`the WAV file beside the frames ${wav.problem}`)
  const place = placeOf(wav, movie)
  if (place === null) return silent("the WAV file beside the frames ends before the first of them")
  const order = { wavFile: sound.file, aacFile: "sound.aac", folder: sound.folder, wav, place, signal }
  const encoded = await encode(order)
  if (!encoded.ok)
    return isOfSound(encoded.failure) ? silent(`its WAV file could not be encoded (${encoded.failure.code})`) : encoded
  const opened = await onScratch(() => openSound(order))
  if (!opened.ok)
    return isOfSound(opened.failure) ? silent(`its WAV file could not be encoded (${opened.failure.code})`) : opened
  return done({ sound: opened.value, warnings: warningsOf(wav, movie, order) })
}

const isOfSound = ({ code }: Failure): boolean => code.startsWith("tool/") && code !== "tool/missing"

function warningsOf(wav: Wav, movie: SoundedMovie, { place }: SoundOrder): readonly string[] {
  const kept = channelsOf(wav.channels)
  const isTimed = wav.timeReference !== null && movie.sinceMidnight !== null
  return [
    ...(wav.isCut ? ["The WAV file beside the frames ends before it says that it does."] : []),
    ...(kept === wav.channels ? [] : [`Of the ${wav.channels} channels of the WAV file the first two are heard.`]),
    ...(isTimed && place.by !== "timecode"
      ? ["The timecodes of sound and pictures do not meet: the sound begins with the first frame."]
      : []),
  ]
}

async function openSound({ folder, aacFile, wav, place }: SoundOrder): Promise<Result<EncodedSound>> {
  const file = await open(join(folder, aacFile))
  const stream = await readAdts(file)
  const rate = rateOf(wav.rate)
  const samples = Math.round(((place.silence + place.to - place.from) * rate) / wav.rate)
  const isWhole = stream !== null && stream.rate === rate && stream.bytes.length * PACKET_SAMPLES >= samples + PRIMING
  if (!isWhole) {
    await file.close()
    return failed(failure("tool/failed", "ffmpeg did not write the sound as it was asked to."))
  }
  const { config, channels, bytes: packetBytes } = stream
  return done({
    track: { config, channels, rate, packetBytes, priming: PRIMING, samples },
    read: async (chunk) => packetsOf(stream, chunk, (bytes, at) => file.read(bytes, 0, bytes.length, at)),
    close: () => file.close(),
  })
}

/** Packets lie behind heads, which a movie has not. */
async function packetsOf(
  { offsets, bytes }: AacStream,
  { first, packets }: SoundChunk,
  read: (bytes: Buffer, at: number) => Promise<unknown>,
): Promise<Uint8Array> {
  const last = first + packets - 1
  const start = offsets[first] ?? 0
  const stretch = Buffer.alloc((offsets[last] ?? 0) + (bytes[last] ?? 0) - start)
  await read(stretch, start)
  const places = Array.from({ length: packets }, (_, at) => first + at)
  return Buffer.concat(
    places.map((packet) => {
      const at = (offsets[packet] ?? 0) - start
      return stretch.subarray(at, at + (bytes[packet] ?? 0))
    }),
  )
}
