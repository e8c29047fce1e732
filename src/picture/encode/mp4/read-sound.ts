// The sound of a movie of ours, read back without decoding it.

import type { Rational } from "../../../events/records.generated.ts"
import { done, type Result } from "../../../events/result.ts"
import { boxesIn, inside, outerBoxes, type ReadBytes } from "./read-boxes.ts"
import { PACKET_SAMPLES, type SoundTrack } from "./sound-track.ts"
import { ticksOf } from "./tracks.ts"

/** The packets of a sound, and where each lies in its file. */
export type FoundSound = { readonly track: SoundTrack; readonly offsets: Float64Array }

/** The index of a day of film with sound has sixty megabytes. */
const LARGEST_INDEX = 2 ** 27

/** The sound of a movie that runs at `rate`; null where it has none that we wrote. Fails as `read` does. */
export async function readSound(read: ReadBytes, rate: Rational): Promise<Result<FoundSound | null>> {
  for await (const box of outerBoxes(read)) {
    if (!box.ok) return box
    const { type, bodyAt, end } = box.value
    if (type !== "moov") continue
    if (end - bodyAt > LARGEST_INDEX) return done(null)
    const index = await read(bodyAt, end)
    return index.ok ? done(soundIn(Buffer.from(index.value), rate)) : index
  }
  return done(null)
}

function soundIn(index: Buffer, rate: Rational): FoundSound | null {
  for (const { type, body } of boxesIn(index)) {
    const table = inside(body, ["mdia", "minf", "stbl"])
    const sound = type === "trak" ? describedIn(inside(table, ["stsd"])) : null
    const edit = inside(body, ["edts", "elst"])
    const time = inside(body, ["mdia", "mdhd"])
    if (sound === null || edit.length !== EDIT_BYTES || time.length < 16) continue
    const packetBytes = sizesIn(inside(table, ["stsz"]))
    const offsets = packetBytes && offsetsIn(table, packetBytes)
    if (packetBytes === null || offsets === null) return null
    const perSecond = time.readUInt32BE(12)
    const samples = Math.round((edit.readUInt32BE(8) * perSecond) / ticksOf(rate).perSecond)
    const priming = edit.readUInt32BE(12)
    const most = packetBytes.length * PACKET_SAMPLES - priming
    return { track: { ...sound, rate: perSecond, packetBytes, priming, samples: Math.min(samples, most) }, offsets }
  }
  return null
}

/** Of the version and flags, a count, and the one edit that we write. */
const EDIT_BYTES = 20

/** Where in an entry its descriptors begin, and where in those the configuration does, as we write both. */
const [ENTRY_HEAD, CONFIG_AT] = [36, 35]

function describedIn(entries: Buffer): Pick<SoundTrack, "channels" | "config"> | null {
  const entry = entries.subarray(8)
  if (entry.length < ENTRY_HEAD || entry.toString("latin1", 4, 8) !== "mp4a") return null
  const stream = inside(entry.subarray(ENTRY_HEAD), ["esds"])
  if (stream.length <= CONFIG_AT || [stream[4], stream[12], stream[30]].join() !== "3,4,5") return null
  const bytes = stream[CONFIG_AT - 1] ?? 0
  const config = stream.subarray(CONFIG_AT, CONFIG_AT + bytes)
  return config.length === bytes && bytes > 0 ? { channels: entry.readUInt16BE(24), config } : null
}

/** Sizes of the samples, each its own. */
function sizesIn(table: Buffer): Uint32Array | null {
  if (table.length < 12 || table.readUInt32BE(4) !== 0) return null
  const count = table.readUInt32BE(8)
  return table.length === 12 + count * 4
    ? Uint32Array.from({ length: count }, (_, at) => table.readUInt32BE(12 + at * 4))
    : null
}

/** Samples lie behind one another in chunks, of which each entry says from which on how many samples they hold. */
function offsetsIn(table: Buffer, sizes: Uint32Array): Float64Array | null {
  const [runs, near, far] = [inside(table, ["stsc"]), inside(table, ["stco"]), inside(table, ["co64"])]
  const [places, width] = near.length > 0 ? [near, 4] : [far, 8]
  if (runs.length < 8 || places.length < 8) return null
  const chunks = places.readUInt32BE(4)
  const entries = runs.readUInt32BE(4)
  if (places.length !== 8 + chunks * width || runs.length !== 8 + entries * 12) return null
  const offsets = new Float64Array(sizes.length)
  let sample = 0
  let entry = 0
  for (let chunk = 0; chunk < chunks; chunk++) {
    if (entry + 1 < entries && runs.readUInt32BE(8 + (entry + 1) * 12) === chunk + 1) entry++
    let at = width === 4 ? places.readUInt32BE(8 + chunk * 4) : Number(places.readBigUInt64BE(8 + chunk * 8))
    const end = entries === 0 ? sample : sample + runs.readUInt32BE(8 + entry * 12 + 4)
    for (; sample < Math.min(end, sizes.length); sample++) {
      offsets[sample] = at
      at += sizes[sample] ?? 0
    }
  }
  return sample === sizes.length ? offsets : null
}

/** A stretch of a sound, by frames of its movie. */
export type Stretch = { readonly from: number; readonly frames: number; readonly rate: Rational }

/**
 * What is heard during those frames, in the packets as they are, from the one before on, which a decoder needs; null where
 * the sound has ended before.
 */
export function stretchOf({ track, offsets }: FoundSound, { from, frames, rate }: Stretch): FoundSound | null {
  const samplesOf = (count: number): number => Math.round((count * rate.den * track.rate) / rate.num)
  const start = samplesOf(from)
  const samples = Math.min(track.samples, samplesOf(from + frames)) - start
  if (samples <= 0) return null
  const first = Math.max(0, Math.floor((track.priming + start) / PACKET_SAMPLES) - 1)
  const end = Math.ceil((track.priming + start + samples) / PACKET_SAMPLES)
  return {
    track: {
      ...track,
      packetBytes: track.packetBytes.subarray(first, end),
      priming: track.priming + start - first * PACKET_SAMPLES,
      samples,
    },
    offsets: offsets.subarray(first, end),
  }
}
