import { rm } from "node:fs/promises"
import { join } from "node:path"
import { done, type Result } from "../../events/result.ts"
import type { FramePixels } from "../model.ts"
import type { Encoded, EncodeMeans, EncodeOrder, Encoder } from "./order.ts"

/** zscale, because swscale's white is 236; gbr to 709 explicitly, because the tags alone would leave BT.601 pixels. */
const REC709 =
  "zscale=rangein=full:range=limited:matrixin=gbr:matrix=709:primariesin=709:primaries=709:transferin=709:transfer=709:dither=error_diffusion,format=yuv420p"

/** Tags for ffmpeg 5, and again inside the stream for 8 and later, which take them from the frames. */
const TAGS = [
  ...["-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"],
  ...["-x264-params", "colorprim=bt709:transfer=bt709:colormatrix=bt709"],
]

/** What planes in BT.709 already are: only said, since ffmpeg 8 and later believe the frames before the flags. */
const ARE_REC709 = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"

/**
 * Encodes a still as an H.264 movie in which it is held, or a sequence of several frames as it is. Frames come as planes of
 * whole canvases through ffmpeg's standard input, or one of them as a file without bars, which is removed afterwards.
 */
async function encodeStillMovie(order: EncodeOrder, means: EncodeMeans): Promise<Result<Encoded>> {
  const { frames } = order
  const [first] = frames
  const tiff = first?.kind === "rgb16-tiff" ? first.path : null
  const ran =
    tiff === null
      ? await means.run(means.tools.ffmpeg, planesArgs(order), frames.map(planesOf))
      : await means.run(means.tools.ffmpeg, tiffArgs(order, tiff))
  if (tiff !== null) await rm(join(means.folder, tiff), { force: true })
  if (!ran.ok) return ran
  return done({ toolVersions: { ffmpeg: means.tools.ffmpeg.version.text }, timedAs: "ffmpeg" })
}

/** H.264 in MP4. */
export const STILL_MOVIES: Encoder = {
  ending: ".mp4",
  encode: encodeStillMovie,
  problem: (bytes, order) => movieProblem(bytes, { ...order.output.canvas, frames: framesOf(order) }),
}

function planesOf(frame: FramePixels): Uint8Array {
  if (frame.kind !== "yuv420p") throw new Error(`A movie cannot be made of ${frame.kind}.`)
  return frame.canvas
}

/** A still is held; a sequence lasts as long as it is. */
const framesOf = ({ frames, plan }: EncodeOrder): number =>
  frames.length === 1 ? plan.settings.stillHoldFrames : frames.length

/** Encodes the one picture, which stands in 16-bit RGB in a file. */
export function tiffArgs(order: EncodeOrder, tiff: string): readonly string[] {
  const { canvas, rectangle } = order.output
  const pad = `pad=${canvas.width}:${canvas.height}:${rectangle.x}:${rectangle.y}`
  return [...OPENED, ...rate(order), "-i", tiff, ...written(order, [pad, REC709])]
}

/** Encodes frames, the whole canvases of which come through standard input as the planes of 8-bit 4:2:0. */
export function planesArgs(order: EncodeOrder): readonly string[] {
  const { width, height } = order.output.canvas
  const planes = ["-f", "rawvideo", "-pixel_format", "yuv420p", "-video_size", `${width}x${height}`]
  return [...OPENED, ...planes, ...rate(order), "-i", "pipe:0", ...written(order, [ARE_REC709])]
}

/** One thread for the filters: with more, zscale leaves a seam where their slices meet, and bytes depend on the machine. */
const OPENED = ["-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-filter_threads", "1"]

const rate = ({ plan: { frameRate } }: EncodeOrder): readonly string[] => [
  ...["-framerate", `${frameRate.num}/${frameRate.den}`],
]

/** `-threads` stands behind `-i`: there it is the encoder's, and its number is in the stream. */
function written(order: EncodeOrder, filters: readonly string[]): readonly string[] {
  const { settings, timecode } = order.plan
  const frames = framesOf(order)
  const copies = frames - order.frames.length
  // Players otherwise have to guess whether pixels are square.
  const square = "setsar=1"
  const held = copies > 0 ? [`loop=loop=${copies}:size=1:start=0`] : []
  return [
    ...["-vf", [...filters, square, ...held].join(","), "-frames:v", String(frames)],
    ...["-c:v", "libx264", "-preset", settings.proxyPreset, "-crf", String(settings.proxyCrf), "-profile:v", "high"],
    ...["-threads", "1", "-an", "-map_metadata", "-1", ...TAGS],
    ...(timecode === null ? [] : ["-timecode", timecode]),
    ...["-movflags", "+faststart", order.file],
  ]
}

type OrderedMovie = { readonly width: number; readonly height: number; readonly frames: number }

/** What is wrong with a written movie, null when it is what was ordered. */
export function movieProblem(bytes: Uint8Array, ordered: OrderedMovie): string | null {
  const movie = readWrittenMovie(bytes)
  if (movie === null) return "ffmpeg wrote no H.264 movie."
  if (!movie.isFastStart) return "ffmpeg wrote a movie whose index stands at its end."
  const { width, height, frames } = movie
  if (width === ordered.width && height === ordered.height && frames === ordered.frames) return null
  return `ffmpeg wrote ${frames} frames of ${width}x${height} in place of ${ordered.frames} of ${ordered.width}x${ordered.height}.`
}

export type WrittenMovie = {
  readonly width: number
  readonly height: number
  readonly frames: number
  /** The index stands before the pictures, so that a player can start at once. */
  readonly isFastStart: boolean
}

type Box = { readonly type: string; readonly body: Buffer }

/** Size and frame count of the first picture track of an MP4 (ISO 14496-12), null when there is none. */
export function readWrittenMovie(file: Uint8Array): WrittenMovie | null {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length)
  const top = boxesIn(bytes)
  const [index, data] = [top.findIndex(({ type }) => type === "moov"), top.findIndex(({ type }) => type === "mdat")]
  const tables = boxesIn(top[index]?.body ?? Buffer.alloc(0))
    .filter(({ type }) => type === "trak")
    .map(({ body }) => descend(body, ["mdia", "minf", "stbl"]))
  for (const table of tables) {
    const movie = sizeOf(table)
    if (movie !== null) return { ...movie, isFastStart: index >= 0 && index < data }
  }
  return null
}

function sizeOf(table: Buffer): Omit<WrittenMovie, "isFastStart"> | null {
  const [descriptions, sizes] = [descend(table, ["stsd"]), descend(table, ["stsz"])]
  const entry = descriptions.subarray(8)
  if (entry.length < 36 || entry.toString("latin1", 4, 8) !== "avc1" || sizes.length < 12) return null
  return { width: entry.readUInt16BE(32), height: entry.readUInt16BE(34), frames: sizes.readUInt32BE(8) }
}

function descend(bytes: Buffer, path: readonly string[]): Buffer {
  return path.reduce((inside, type) => boxesIn(inside).find((box) => box.type === type)?.body ?? Buffer.alloc(0), bytes)
}

function boxesIn(bytes: Buffer): readonly Box[] {
  const boxes: Box[] = []
  let at = 0
  while (at + 8 <= bytes.length) {
    const stated = bytes.readUInt32BE(at)
    const isLong = stated === 1 && at + 16 <= bytes.length
    const length = isLong ? Number(bytes.readBigUInt64BE(at + 8)) : stated
    if (length < 8 || at + length > bytes.length) break
    boxes.push({
      type: bytes.toString("latin1", at + 4, at + 8),
      body: bytes.subarray(at + (isLong ? 16 : 8), at + length),
    })
    at += length
  }
  return boxes
}
