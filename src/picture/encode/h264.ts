import { readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Rational } from "../../events/records.generated.ts"
import { done, type Result } from "../../events/result.ts"
import type { OutputPlan } from "../engines/plan.ts"
import type { FramePixels, RenderSettings } from "../model.ts"
import { loneRateFactor } from "../native/encoders.ts"
import { onScratch } from "../scratch.ts"
import { movieFrames, stillMovie } from "./movie.ts"
import type { Encoded, EncodeMeans, EncodeOrder, Encoder } from "./order.ts"

/** zscale, because swscale's white is 236; gbr to 709 explicitly, because the tags alone would leave BT.601 pixels. */
const REC709 =
  "zscale=rangein=full:range=limited:matrixin=gbr:matrix=709:primariesin=709:primaries=709:transferin=709:transfer=709:dither=error_diffusion,format=yuv420p"

/** Tags for ffmpeg 5, and again inside the stream for 8 and later, which take them from the frames. */
const TAGS = ["-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"]

/** What planes in BT.709 already are: only said, since ffmpeg 8 and later believe the frames before the flags. */
const ARE_REC709 = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"

/**
 * A picture that stands alone: nothing is reordered, one picture is referred to, nothing is looked ahead for, and parameter
 * sets do not depend on the rate factor. native/h264.c says the same, and why it is no movie of intra pictures.
 */
const STANDS_ALONE =
  "bframes=0:ref=1:mvrange=32:weightp=0:mbtree=0:qcomp=1:rc-lookahead=0:sync-lookahead=0:stitchable=1"

/**
 * Encodes pictures one by one with ffmpeg, and puts them into a movie. Frames come as planes of whole canvases through
 * ffmpeg's standard input, or one of them as a file without bars, which is removed afterwards.
 */
async function encodeStillMovie(order: EncodeOrder, means: EncodeMeans): Promise<Result<Encoded>> {
  const streams: Buffer[] = []
  for (const frame of order.frames) {
    const stream = await streamOf(order, frame, means)
    if (!stream.ok) return stream
    streams.push(stream.value)
  }
  const movie = stillMovie(order, streams)
  if (!movie.ok) return movie
  return onScratch(async () => {
    await writeFile(join(means.folder, order.file), movie.value)
    return done({ toolVersions: { ffmpeg: means.tools.ffmpeg.version.text }, timedAs: "ffmpeg" })
  })
}

/** H.264 in MP4. */
export const STILL_MOVIES: Encoder = {
  ending: ".mp4",
  encode: encodeStillMovie,
  problem: (bytes, order) =>
    movieProblem(bytes, { ...order.output.canvas, frames: movieFrames(order.frames.length, order) }),
}

/** One picture in H.264 with start codes (Annex B), which ffmpeg leaves in a file of the job's folder. */
async function streamOf(order: EncodeOrder, frame: FramePixels, means: EncodeMeans): Promise<Result<Buffer>> {
  const file = `${order.output.name}.h264`
  const ran = await means.run(means.tools.ffmpeg, ...ffmpegRun(order, frame, file))
  if (frame.kind === "rgb16-tiff") await rm(join(means.folder, frame.path), { force: true })
  if (!ran.ok) return ran
  const path = join(means.folder, file)
  const stream = await readFile(path).catch(() => Buffer.alloc(0))
  await rm(path, { force: true })
  return done(stream)
}

/** What is to be known of a picture before it is encoded. */
type PictureOrder = {
  readonly output: Pick<OutputPlan, "canvas" | "rectangle">
  readonly plan: {
    readonly settings: Pick<RenderSettings, "proxyCrf" | "proxyPreset">
    readonly frameRate: Rational
  }
}

/** Arguments for a picture, and what ffmpeg reads from its standard input. */
export function ffmpegRun(
  order: PictureOrder,
  frame: FramePixels,
  file: string,
): readonly [args: readonly string[], input?: readonly Uint8Array[]] {
  const { canvas, rectangle } = order.output
  const { num, den } = order.plan.frameRate
  const rate = ["-framerate", `${num}/${den}`]
  if (frame.kind === "rgb16-tiff") {
    const pad = `pad=${canvas.width}:${canvas.height}:${rectangle.x}:${rectangle.y}`
    return [[...OPENED, ...rate, "-i", frame.path, ...written(order, [pad, REC709]), file]]
  }
  if (frame.kind !== "yuv420p") throw new Error(`A movie cannot be made of ${frame.kind}.`)
  const planes = ["-f", "rawvideo", "-pixel_format", "yuv420p", "-video_size", `${canvas.width}x${canvas.height}`]
  return [[...OPENED, ...planes, ...rate, "-i", "pipe:0", ...written(order, [ARE_REC709]), file], [frame.canvas]]
}

/** One thread for the filters: with more, zscale leaves a seam where their slices meet, and bytes depend on the machine. */
const OPENED = ["-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-filter_threads", "1"]

/** `-threads` stands behind `-i`: there it is the encoder's, and its number is in the stream. */
function written({ plan: { settings, frameRate } }: PictureOrder, filters: readonly string[]): readonly string[] {
  // Players otherwise have to guess whether pixels are square.
  const square = "setsar=1"
  const crf = loneRateFactor(settings.proxyCrf, frameRate)
  return [
    ...["-vf", [...filters, square].join(","), "-frames:v", "1"],
    ...["-c:v", "libx264", "-preset", settings.proxyPreset, "-crf", String(crf), "-profile:v", "high"],
    ...["-threads", "1", "-an", ...TAGS],
    ...["-x264-params", `colorprim=bt709:transfer=bt709:colormatrix=bt709:${STANDS_ALONE}`, "-f", "h264"],
  ]
}

type OrderedMovie = { readonly width: number; readonly height: number; readonly frames: number }

/** What is wrong with a written movie, null when it is what was ordered. */
export function movieProblem(bytes: Uint8Array, ordered: OrderedMovie): string | null {
  const movie = readWrittenMovie(bytes)
  if (movie === null) return "No H.264 movie was written."
  if (!movie.isFastStart) return "A movie was written whose index stands at its end."
  const { width, height, frames } = movie
  if (width === ordered.width && height === ordered.height && frames === ordered.frames) return null
  return `${frames} frames of ${width}x${height} were written in place of ${ordered.frames} of ${ordered.width}x${ordered.height}.`
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
