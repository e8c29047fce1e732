// One segment of a review copy: one-frame movies, decoded, written over, and encoded as one closed group of pictures.

import { readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { parameterSetsOf } from "../encode/mp4/avc-configuration.ts"
import { accessUnitsOf, annexBOf, avcConfiguration, unitsBehindLengths } from "../encode/mp4/index.ts"
import { readPictures } from "../encode/stitch/index.ts"
import { UNFIT } from "../encode/stitch/pictures.ts"
import type { ReviewJob, ReviewOrder } from "../index.ts"
import { onScratch } from "../scratch.ts"
import type { Tool } from "../tools/find-tool.ts"
import { type Guards, type Limits, runTool } from "../tools/run-tool.ts"
import { FONTS_CONFIG } from "./fonts.ts"
import { SEGMENT_FRAMES, type Segment } from "./plan.ts"
import { FRAMES_PER_SECOND, type Size } from "./subtitles.ts"

/** What a segment is encoded with. */
export type SegmentMeans = { readonly ffmpeg: Tool; readonly guards: Guards; readonly limits: Limits }

/** Samples in H.264, of which the first is decoded without any before it. */
export type EncodedSegment = { readonly avcC: Buffer; readonly samples: readonly Buffer[] }

/** Fails: tool/*, scratch/full, source/changed, stopped, and as `read` does. */
export async function encodeSegment(
  segment: Segment,
  { order, read, folder, signal }: ReviewJob,
  { ffmpeg, guards, limits }: SegmentMeans,
): Promise<Result<EncodedSegment>> {
  const { pictures } = segment
  const source = pictures === null ? done(slateSource(order)) : await picturesSource(pictures, { order, read })
  if (!source.ok) return source
  const count = pictures?.length ?? 1
  return onScratch(async () => {
    await writeFile(join(folder, SUBTITLES), segment.subtitles)
    const ran = await runTool({
      ...{ tool: ffmpeg.name, program: ffmpeg.program, folder, guards, signal, input: source.value.input },
      limits: inProportion(limits, order, count),
      args: argsOf(order, source.value.args),
      environment: { FONTCONFIG_FILE: join(folder, FONTS_CONFIG) },
    })
    if (!ran.ok) return ran
    const stream = await readFile(join(folder, STREAM)).catch(() => Buffer.alloc(0))
    await rm(join(folder, STREAM), { force: true })
    return segmentIn(stream, count)
  })
}

const SUBTITLES = "review.ass"
const STREAM = "review.h264"

/** What ffmpeg reads from its standard input, and the arguments that say what it is. */
type Source = { readonly args: readonly string[]; readonly input: readonly Uint8Array[] }

/** A dark grey picture. */
function slateSource({ width, height, rate }: ReviewOrder): Source {
  const planes = Buffer.alloc((width * height * 3) / 2, 128).fill(36, 0, width * height)
  const args = ["-f", "rawvideo", "-pixel_format", "yuv420p", "-video_size", `${width}x${height}`]
  return { args: [...args, "-framerate", `${rate.num}/${rate.den}`], input: [planes] }
}

/** Pictures that are read ahead. */
const AHEAD = 8

/** A stream of pictures of which each stands alone; one that is shown several times is read once. */
async function picturesSource(
  shown: readonly number[],
  { order: { width, height, rate }, read }: Pick<ReviewJob, "order" | "read">,
): Promise<Result<Source>> {
  const wanted = [...new Set(shown)]
  const readOne: typeof read = (place, start, end) => read(wanted[place] ?? 0, start, end)
  const found = await readPictures(wanted.length, readOne, AHEAD)
  if (!found.ok) return found
  const { kinds, formats, offsets, bytes } = found.value
  const streams = new Map<number, Buffer>()
  for (const [place, picture] of wanted.entries()) {
    const format = formats[kinds[place] ?? UNFIT]
    const offset = offsets[place] ?? 0
    const sample = await readOne(place, offset, offset + (bytes[place] ?? 0))
    if (!sample.ok) return sample
    const sets = format === undefined ? null : parameterSetsOf(format.avcC)
    const units = unitsBehindLengths(sample.value)
    if (format?.width !== width || format.height !== height || sets === null || units === null)
      return failed(failure("source/changed", "A proxy of the movie is not what it was when the movie was made."))
    streams.set(picture, annexBOf([...sets.sps, ...sets.pps, ...units]))
  }
  const args = ["-xerror", "-threads", "1", "-f", "h264", "-framerate", `${rate.num}/${rate.den}`]
  return done({ args, input: shown.map((picture) => streams.get(picture) ?? Buffer.alloc(0)) })
}

/** Wall clock that a process may take to start, and what a frame of a million pixels may take on a busy machine. */
const START_MS = 30_000
const MS_PER_MEGAPIXEL = 4_000
/** What ffmpeg and its fonts take, and frames that the encoder looks at ahead, each of a few bytes a pixel. */
const START_BYTES = 2 ** 30
const BYTES_PER_PIXEL = 400

/** Never more than any picture may take. */
export const inProportion = (
  { timeoutMs, memoryLimitBytes }: Limits,
  { width, height }: Size,
  frames: number,
): Limits => ({
  timeoutMs: Math.min(timeoutMs, START_MS + Math.round((frames * width * height * MS_PER_MEGAPIXEL) / 1e6)),
  memoryLimitBytes: Math.min(memoryLimitBytes, START_BYTES + width * height * BYTES_PER_PIXEL),
})

/** Texts are drawn at a pace of whole hundredths of a second, which is what subtitles can say. */
function argsOf({ rate: { num, den }, crf, preset }: ReviewOrder, source: readonly string[]): readonly string[] {
  const filters = [
    "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709",
    `settb=1/${FRAMES_PER_SECOND}`,
    "setpts=N",
    `ass=${SUBTITLES}`,
    `settb=${den}/${num}`,
    "setpts=N",
    "format=yuv420p",
    "setsar=1",
  ]
  const closed = `keyint=${SEGMENT_FRAMES}:min-keyint=${SEGMENT_FRAMES}:scenecut=0:open-gop=0:bframes=0:stitchable=1`
  return [
    ...["-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-filter_threads", "1"],
    ...[...source, "-i", "pipe:0", "-vf", filters.join(","), "-fps_mode", "passthrough", "-an"],
    ...["-c:v", "libx264", "-preset", preset, "-crf", String(crf), "-profile:v", "high", "-threads", "1"],
    ...["-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"],
    ...["-x264-params", `colorprim=bt709:transfer=bt709:colormatrix=bt709:${closed}`, "-f", "h264", STREAM],
  ]
}

function segmentIn(stream: Uint8Array, frames: number): Result<EncodedSegment> {
  const pictures = accessUnitsOf(stream)
  const [first] = pictures
  if (first === undefined || pictures.length !== frames || first.sps.length === 0 || first.pps.length === 0)
    return failed(failure("tool/failed", `ffmpeg wrote ${pictures.length} pictures in place of ${frames}.`))
  return done({ avcC: avcConfiguration(first.sps, first.pps), samples: pictures.map(({ sample }) => sample) })
}
