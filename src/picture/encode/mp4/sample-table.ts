// Where the samples of a track lie: the table `stbl` of ISO 14496-12 without its descriptions.

import { fullBox, table, u32, zeros } from "./boxes.ts"

/**
 * The pictures of a movie by number: which are stored, and which stored one each frame shows. A picture that is shown
 * several times is stored once. Typed arrays, so that 100,000 frames take a megabyte.
 */
export type MovieSamples = {
  /** Bytes of each stored sample, in the order in which they are written. */
  readonly storedBytes: Uint32Array
  /** For each frame of the movie, in order, the number of the stored sample that it shows, from 0. */
  readonly shown: Uint32Array
  /** Numbers of the frames, from 0, at which a decoder can start; null where it can at each. */
  readonly sync: Uint32Array | null
  /** Bytes of other tracks that lie before a stored sample, by its number; before the one behind the last: at the end. */
  readonly between?: ReadonlyMap<number, number>
}

/** Frames that lie behind one another are listed as one chunk, up to this many. */
const CHUNK_FRAMES = 64
const LARGEST_32 = 0xffffffff

/** Bytes of all stored samples, and of what lies between them. */
export function bytesOf({ storedBytes, between }: MovieSamples): number {
  let bytes = storedBytes.reduce((sum, one) => sum + one, 0)
  for (const one of between?.values() ?? []) bytes += one
  return bytes
}

/** stsz, stsc, stco or co64, and stss where it is needed, of samples that are stored from `offset` of the file. */
export function placesOf(samples: MovieSamples, offset: number): readonly Buffer[] {
  const firsts = chunksOf(samples)
  return [
    ...syncOf(samples.sync),
    sizesOf(samples),
    framesPerChunk(firsts, samples.shown.length),
    offsetsOf(firsts, samples, offset),
  ]
}

/** Whether offsets of 32 bits do for samples that end at `end`. */
export const isSmall = (end: number): boolean => end <= LARGEST_32

function syncOf(sync: Uint32Array | null): readonly Buffer[] {
  if (sync === null) return []
  return [fullBox("stss", 0, u32(sync.length), table(sync.map((frame) => frame + 1)))]
}

function sizesOf({ storedBytes, shown }: MovieSamples): Buffer {
  const sizes = shown.map((stored) => storedBytes[stored] ?? 0)
  const [first = 0] = sizes
  const isEven = sizes.every((size) => size === first)
  return fullBox("stsz", 0, u32(isEven ? first : 0, sizes.length), isEven ? zeros(0) : table(sizes))
}

/** Number of the first frame of each chunk. */
function chunksOf({ shown, between }: MovieSamples): Uint32Array {
  const firsts: number[] = []
  let next = -1
  for (let frame = 0; frame < shown.length; frame++) {
    const stored = shown[frame] ?? 0
    const isFull = frame - (firsts.at(-1) ?? 0) >= CHUNK_FRAMES
    if (stored !== next || isFull || between?.has(stored)) firsts.push(frame)
    next = stored + 1
  }
  return Uint32Array.from(firsts)
}

/** One entry for each run of chunks that hold equally many frames. */
function framesPerChunk(firsts: Uint32Array, frames: number): Buffer {
  const entries: number[] = []
  let before = 0
  for (let chunk = 0; chunk < firsts.length; chunk++) {
    const length = (firsts[chunk + 1] ?? frames) - (firsts[chunk] ?? 0)
    if (length !== before) entries.push(chunk + 1, length, 1)
    before = length
  }
  return fullBox("stsc", 0, u32(entries.length / 3), table(Uint32Array.from(entries)))
}

function offsetsOf(firsts: Uint32Array, samples: MovieSamples, offset: number): Buffer {
  const places = placesOfStored(samples, offset)
  const isWide = !isSmall(offset + bytesOf(samples))
  const bytes = zeros(firsts.length * (isWide ? 8 : 4))
  for (let chunk = 0; chunk < firsts.length; chunk++) {
    const place = places[samples.shown[firsts[chunk] ?? 0] ?? 0] ?? 0
    if (isWide) bytes.writeBigUInt64BE(BigInt(place), chunk * 8)
    else bytes.writeUInt32BE(place, chunk * 4)
  }
  return fullBox(isWide ? "co64" : "stco", 0, u32(firsts.length), bytes)
}

/** Where each stored sample begins, and at last where the last one ends. */
export function placesOfStored({ storedBytes, between }: MovieSamples, offset: number): Float64Array {
  const places = new Float64Array(storedBytes.length + 1)
  let at = offset
  for (let stored = 0; stored <= storedBytes.length; stored++) {
    at += between?.get(stored) ?? 0
    places[stored] = at
    at += storedBytes[stored] ?? 0
  }
  return places
}
