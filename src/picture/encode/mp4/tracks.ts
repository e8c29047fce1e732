// The tracks of a movie: pictures in H.264, and the timecode at which they start.

import type { Rational } from "../../../events/records.generated.ts"
import { framesSinceMidnight, nominalRate } from "../timecode.ts"
import { box, fullBox, letters, u8, u16, u32, zeros } from "./boxes.ts"
import { type MovieSamples, placesOf } from "./sample-table.ts"

/** What all frames of a movie have in common. */
export type MovieFormat = {
  /** Size of the pictures, pixels; pixels are square, BT.709, of limited range. */
  readonly width: number
  readonly height: number
  /** Frames per second, exactly: numerator and denominator whole and above 0. */
  readonly rate: Rational
  /** The decoder's configuration, from `avcConfiguration` or another movie. */
  readonly avcC: Uint8Array
  /** Timecode of the first frame, `hh:mm:ss:ff`, or `hh:mm:ss;ff` in drop-frame counting; it exists at the rate. */
  readonly timecode: string | null
}

/** Time of a movie is counted in `perSecond` ticks, of which every frame lasts as many as every other. */
export type Ticks = { readonly perSecond: number; readonly perFrame: number }

/** Below this, players round times too coarsely. */
const LEAST_TICKS = 10_000

/** The exact rate, in ticks fine enough for sound and cuts. */
export function ticksOf({ num, den }: Rational): Ticks {
  if (!(Number.isInteger(num) && Number.isInteger(den) && num > 0 && den > 0))
    throw new Error(`No rate: ${num}/${den}.`)
  const finer = 10 ** Math.max(0, Math.ceil(Math.log10(LEAST_TICKS / num)))
  return { perSecond: num * finer, perFrame: den * finer }
}

/** Rows of a matrix that leaves pictures as they are. */
export const UNTURNED = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)

const PICTURE_TRACK = 1
const TIMECODE_TRACK = 2
/** The first number that no track of pictures or timecodes has. */
export const NEXT_TRACK = 3

/** A track for pictures which is shown: enabled, in the movie. */
export function pictureTrack(format: MovieFormat, samples: MovieSamples, offset: number): Buffer {
  const ticks = ticksOf(format.rate)
  const frames = samples.shown.length
  const { width, height } = format
  const shownAs = u32(width * 0x10000, height * 0x10000)
  const reference = format.timecode === null ? [] : [box("tref", box("tmcd", u32(TIMECODE_TRACK)))]
  const header = fullBox("vmhd", 1, zeros(8))
  const table = box(
    "stbl",
    fullBox("stsd", 0, u32(1), pictureEntry(format)),
    fullBox("stts", 0, u32(1, frames, ticks.perFrame)),
    ...placesOf(samples, offset),
  )
  return box(
    "trak",
    trackHeader({ id: PICTURE_TRACK, flags: 3, duration: frames * ticks.perFrame, shownAs }),
    ...reference,
    media({ kind: "vide", name: "VideoHandler", ticks, frames }, header, table),
  )
}

/** A track with one sample, the number of the first frame, which lasts as long as the movie (QuickTime's `tmcd`). */
export function timecodeTrack(format: MovieFormat & { timecode: string }, frames: number, offset: number): Buffer {
  const ticks = ticksOf(format.rate)
  const duration = frames * ticks.perFrame
  const counting = u8(nominalRate(format.rate), 0)
  const entry = box(
    "tmcd",
    zeros(6),
    u16(1),
    u32(0, isDropFrame(format) ? 1 : 0, ticks.perSecond, ticks.perFrame),
    counting,
  )
  const table = box(
    "stbl",
    fullBox("stsd", 0, u32(1), entry),
    fullBox("stts", 0, u32(1, 1, duration)),
    fullBox("stsc", 0, u32(1, 1, 1, 1)),
    fullBox("stsz", 0, u32(TIMECODE_BYTES, 1)),
    fullBox("stco", 0, u32(1, offset)),
  )
  return box(
    "trak",
    trackHeader({ id: TIMECODE_TRACK, flags: 2, duration, shownAs: zeros(8) }),
    media({ kind: "tmcd", name: "TimeCodeHandler", ticks, frames }, fullBox("nmhd", 0), table),
  )
}

export const TIMECODE_BYTES = 4

/** What the one sample of the timecode track holds; nothing where there is no timecode. */
export const timecodeSample = ({ timecode, rate }: MovieFormat): Buffer =>
  timecode === null ? zeros(0) : u32(framesSinceMidnight(timecode, rate))

const isDropFrame = ({ timecode }: { timecode: string }): boolean => timecode.includes(";")

type TrackHeader = {
  readonly id: number
  readonly flags: number
  readonly duration: number
  readonly shownAs: Buffer
  /** Layer, group and volume; absent for none. */
  readonly volume?: Buffer
}

export const trackHeader = ({ id, flags, duration, shownAs, volume = zeros(16) }: TrackHeader): Buffer =>
  fullBox("tkhd", flags, u32(0, 0, id, 0, duration), volume, UNTURNED, shownAs)

type Media = { readonly kind: string; readonly name: string; readonly ticks: Ticks; readonly frames: number }

/** `und`: no language. */
const NO_LANGUAGE = 0x55c4

function media({ kind, name, ticks, frames }: Media, header: Buffer, table: Buffer): Buffer {
  const inThisFile = box("dinf", fullBox("dref", 0, u32(1), fullBox("url ", 1)))
  return box(
    "mdia",
    fullBox("mdhd", 0, u32(0, 0, ticks.perSecond, frames * ticks.perFrame), u16(NO_LANGUAGE, 0)),
    fullBox("hdlr", 0, zeros(4), letters(kind), zeros(12), letters(`${name}\0`)),
    box("minf", header, inThisFile, table),
  )
}

/** 72 pixels an inch, in 16.16. */
const RESOLUTION = 0x480000
/** BT.709 as ISO 23091-2 numbers primaries, transfer and matrix. */
const BT709 = [1, 1, 1] as const
const NO_COLOUR_TABLE = 0xffff

function pictureEntry({ width, height, avcC }: MovieFormat): Buffer {
  const name = letters("\x0aAVC Coding".padEnd(32, "\0"))
  return box(
    "avc1",
    ...[zeros(6), u16(1), zeros(16), u16(width, height), u32(RESOLUTION, RESOLUTION, 0), u16(1), name],
    ...[u16(24, NO_COLOUR_TABLE), box("avcC", avcC)],
    box("colr", letters("nclx"), u16(...BT709), u8(0)),
    box("pasp", u32(1, 1)),
  )
}
