// The sound of a movie: AAC packets, which lie between the pictures so that a player need not look far for them.

import type { Rational } from "../../../events/records.generated.ts"
import { box, fullBox, letters, table, u8, u16, u32, zeros } from "./boxes.ts"
import { isSmall, type MovieSamples } from "./sample-table.ts"
import { ticksOf, trackHeader } from "./tracks.ts"

/** Sound that begins with the first frame of its movie, or some frames behind it. */
export type SoundTrack = {
  /** AudioSpecificConfig (ISO 14496-3, 1.6.2.1). */
  readonly config: Uint8Array
  readonly channels: number
  /** Samples a second. */
  readonly rate: number
  /** Bytes of each packet, which holds {@link PACKET_SAMPLES} samples of every channel. */
  readonly packetBytes: Uint32Array
  /** Samples that a decoder gives before the first that is to be heard. */
  readonly priming: number
  /** Samples that are to be heard. */
  readonly samples: number
}

/** Samples of an AAC packet. */
export const PACKET_SAMPLES = 1024

/** Packets that lie behind one another, and the stored picture before which they do. */
export type SoundChunk = { readonly before: number; readonly first: number; readonly packets: number }

/** The packets of each second lie before the first picture of that second that is stored, else behind all pictures. */
export function soundChunks(
  { packetBytes, rate, priming }: SoundTrack,
  { storedBytes, shown }: Pick<MovieSamples, "storedBytes" | "shown">,
  { num, den }: Rational,
): readonly SoundChunk[] {
  const firstFrames = firstShown(shown, storedBytes.length)
  const chunks: SoundChunk[] = []
  let [packet, stored] = [0, 0]
  for (let second = 0; packet < packetBytes.length; second++) {
    const end = Math.min(packetBytes.length, Math.ceil(((second + 1) * rate + priming) / PACKET_SAMPLES))
    while (stored < storedBytes.length && (firstFrames[stored] ?? 0) * den < second * num) stored++
    const last = chunks.at(-1)
    if (last?.before === stored) chunks[chunks.length - 1] = { ...last, packets: end - last.first }
    else chunks.push({ before: stored, first: packet, packets: end - packet })
    packet = end
  }
  return chunks
}

/** The frame at which each stored picture is shown first. */
function firstShown(shown: Uint32Array, stored: number): Uint32Array {
  const first = new Uint32Array(stored).fill(0xffffffff)
  for (let frame = 0; frame < shown.length; frame++) {
    const at = shown[frame] ?? 0
    first[at] = Math.min(first[at] ?? 0, frame)
  }
  return first
}

/** Bytes of a chunk's packets. */
export const bytesOfChunk = ({ packetBytes }: SoundTrack, { first, packets }: SoundChunk): number =>
  packetBytes.subarray(first, first + packets).reduce((sum, bytes) => sum + bytes, 0)

/** Full volume, 8.8, where a track's header has room for it. */
const VOLUME = Buffer.concat([zeros(12), u16(0x100, 0)])

export type PlacedSound = {
  readonly id: number
  /** Chunks, and where in the file each begins. */
  readonly chunks: readonly (SoundChunk & { readonly offset: number })[]
  /** Rate and frames of the movie, which it does not outlast; `silent` of these pass before it begins. */
  readonly movie: { readonly rate: Rational; readonly frames: number; readonly silent: number }
}

/** Of an edit that shows nothing for a while (ISO 14496-12, 8.6.6). */
const NOTHING = 0xffffffff

/** Of the track the edit list says what is heard: without what the decoder gives before it, and behind it. */
export function soundTrack(sound: SoundTrack, { id, chunks, movie }: PlacedSound): Buffer {
  const { perSecond, perFrame } = ticksOf(movie.rate)
  const silence = movie.silent * perFrame
  const heard = Math.min(Math.round((sound.samples * perSecond) / sound.rate), movie.frames * perFrame - silence)
  const edits = [...(silence === 0 ? [] : [[silence, NOTHING]]), [heard, sound.priming]]
  const list = edits.map(([duration = 0, from = 0]) => u32(duration, from, 0x10000))
  const header = trackHeader({ id, flags: 3, duration: silence + heard, shownAs: zeros(8), volume: VOLUME })
  return box("trak", header, box("edts", fullBox("elst", 0, u32(edits.length), ...list)), media(sound, chunks))
}

/** `und`: no language. */
const NO_LANGUAGE = 0x55c4

function media(sound: SoundTrack, chunks: PlacedSound["chunks"]): Buffer {
  const packets = sound.packetBytes.length
  const inThisFile = box("dinf", fullBox("dref", 0, u32(1), fullBox("url ", 1)))
  const samples = box(
    "stbl",
    fullBox("stsd", 0, u32(1), soundEntry(sound)),
    fullBox("stts", 0, u32(1, packets, PACKET_SAMPLES)),
    chunkLengths(chunks),
    fullBox("stsz", 0, u32(0, packets), table(sound.packetBytes)),
    offsetsOf(chunks),
    // A decoder that starts at a packet needs the one before it (ISO 14496-12, 10.1).
    fullBox("sgpd", 0x01000000, letters("roll"), u32(2, 1), u16(0xffff)),
    fullBox("sbgp", 0, letters("roll"), u32(1, packets, 1)),
  )
  return box(
    "mdia",
    fullBox("mdhd", 0, u32(0, 0, sound.rate, packets * PACKET_SAMPLES), u16(NO_LANGUAGE, 0)),
    fullBox("hdlr", 0, zeros(4), letters("soun"), zeros(12), letters("SoundHandler\0")),
    box("minf", fullBox("smhd", 0, zeros(4)), inThisFile, samples),
  )
}

/** One entry for each run of chunks that hold equally many packets. */
function chunkLengths(chunks: PlacedSound["chunks"]): Buffer {
  const entries: number[] = []
  for (const [at, { packets }] of chunks.entries())
    if (packets !== chunks[at - 1]?.packets) entries.push(at + 1, packets, 1)
  return fullBox("stsc", 0, u32(entries.length / 3), table(Uint32Array.from(entries)))
}

function offsetsOf(chunks: PlacedSound["chunks"]): Buffer {
  const isWide = !isSmall(chunks.at(-1)?.offset ?? 0)
  const bytes = zeros(chunks.length * (isWide ? 8 : 4))
  for (const [at, { offset }] of chunks.entries()) {
    if (isWide) bytes.writeBigUInt64BE(BigInt(offset), at * 8)
    else bytes.writeUInt32BE(offset, at * 4)
  }
  return fullBox(isWide ? "co64" : "stco", 0, u32(chunks.length), bytes)
}

/** The rate stands there in 16.16, which 96,000 does not fit; decoders take it from the configuration. */
const MOST_RATE = 0xffff

function soundEntry({ channels, rate, config, packetBytes }: SoundTrack): Buffer {
  const most = packetBytes.reduce((sum, bytes) => Math.max(sum, bytes), 0)
  const all = packetBytes.reduce((sum, bytes) => sum + bytes, 0)
  const average = Math.round((all * 8 * rate) / (packetBytes.length * PACKET_SAMPLES))
  // AAC (0x40), an audio stream (5 << 2 | 1), the decoder's buffer, the greatest and the mean rate of bits.
  const decoder = described(
    0x04,
    u8(0x40, 0x15, 0, most >> 8, most & 0xff),
    u32(average, average),
    described(0x05, config),
  )
  const stream = described(0x03, u16(0), u8(0), decoder, described(0x06, u8(2)))
  return box(
    "mp4a",
    ...[zeros(6), u16(1), zeros(8), u16(channels, 16, 0, 0), u16(Math.min(rate, MOST_RATE), 0)],
    fullBox("esds", 0, stream),
  )
}

/** A descriptor of ISO 14496-1, with a length of four bytes as everybody writes it. */
function described(tag: number, ...inside: readonly Uint8Array[]): Buffer {
  const length = inside.reduce((sum, { length }) => sum + length, 0)
  return Buffer.concat([u8(tag, 0x80, 0x80, 0x80 | (length >> 7), length & 0x7f), ...inside])
}
