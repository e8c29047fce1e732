// What the start of an MP4 says of the picture in it: format, and where the first sample lies.

import type { Rational } from "../../../events/records.generated.ts"
import { boxesIn, inside } from "./read-boxes.ts"

/** The first picture of a movie whose index stands first. */
export type MovieStart = {
  readonly width: number
  readonly height: number
  readonly rate: Rational
  readonly avcC: Buffer
  /** Place of the first sample in the file, bytes. */
  readonly offset: number
  readonly bytes: number
}

/**
 * Reads the first picture track out of the first bytes of a file (ISO 14496-12); null where they hold no whole index of a
 * movie in H.264. Other tracks, such as a timecode, are passed over.
 */
export function readMovieStart(bytes: Uint8Array): MovieStart | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const index = inside(file, ["moov"])
  for (const track of boxesIn(index).filter(({ type }) => type === "trak")) {
    const media = inside(track.body, ["mdia"])
    const movie = pictureOf(inside(media, ["minf", "stbl"]), inside(media, ["mdhd"]))
    if (movie !== null) return movie
  }
  return null
}

/** Bytes of a sample entry before its boxes, the entry's own head included. */
const ENTRY = 86

function pictureOf(table: Buffer, media: Buffer): MovieStart | null {
  const entry = inside(table, ["stsd"]).subarray(8)
  if (entry.length < ENTRY || entry.toString("latin1", 4, 8) !== "avc1") return null
  const avcC = inside(entry.subarray(ENTRY), ["avcC"])
  const rate = rateOf(inside(table, ["stts"]), media)
  const place = placeOf(table)
  if (avcC.length === 0 || rate === null || place === null) return null
  return { width: entry.readUInt16BE(32), height: entry.readUInt16BE(34), rate, avcC, ...place }
}

/** Of the first frame: all frames of a movie last as long. */
function rateOf(times: Buffer, media: Buffer): Rational | null {
  const at = media[0] === 1 ? 20 : 12
  if (times.length < 16 || media.length < at + 4) return null
  const [num, den] = [media.readUInt32BE(at), times.readUInt32BE(12)]
  if (num === 0 || den === 0) return null
  const divisor = greatestCommonDivisor(num, den)
  return { num: num / divisor, den: den / divisor }
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b))

/** The first sample is the first of the first chunk. */
function placeOf(table: Buffer): { readonly offset: number; readonly bytes: number } | null {
  const [sizes, near, far] = [inside(table, ["stsz"]), inside(table, ["stco"]), inside(table, ["co64"])]
  if (sizes.length < 12 || sizes.readUInt32BE(8) === 0 || Math.max(near.length, far.length) < 12) return null
  const bytes = sizes.readUInt32BE(4) || (sizes.length < 16 ? 0 : sizes.readUInt32BE(12))
  const offset = near.length > 0 ? near.readUInt32BE(8) : far.length < 16 ? 0 : Number(far.readBigUInt64BE(8))
  return bytes === 0 || offset === 0 ? null : { offset, bytes }
}
