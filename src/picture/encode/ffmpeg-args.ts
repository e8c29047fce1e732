import type { PicturePlan } from "../engines/plan.ts"

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

/** Encodes the one picture, which stands in 16-bit RGB in a file. */
export function encodeArgs(
  plan: PicturePlan,
  files: { readonly proxyTiff: string; readonly movie: string },
): readonly string[] {
  const { settings, proxy } = plan
  const pad = `pad=${settings.proxyWidthPx}:${settings.proxyHeightPx}:${proxy.x}:${proxy.y}`
  return [...OPENED, ...rate(plan), "-i", files.proxyTiff, ...written(plan, [pad, REC709], files.movie)]
}

/** Encodes the one picture, the whole canvas of which comes through standard input as the planes of 8-bit 4:2:0. */
export function encodePlanesArgs(plan: PicturePlan, movie: string): readonly string[] {
  const size = `${plan.settings.proxyWidthPx}x${plan.settings.proxyHeightPx}`
  const planes = ["-f", "rawvideo", "-pixel_format", "yuv420p", "-video_size", size]
  return [...OPENED, ...planes, ...rate(plan), "-i", "pipe:0", ...written(plan, [ARE_REC709], movie)]
}

/** One thread for the filters: with more, zscale leaves a seam where their slices meet, and bytes depend on the machine. */
const OPENED = ["-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-filter_threads", "1"]

const rate = ({ frameRate }: PicturePlan): readonly string[] => ["-framerate", `${frameRate.num}/${frameRate.den}`]

/** `-threads` stands behind `-i`: there it is the encoder's, and its number is in the stream. */
function written({ settings, timecode }: PicturePlan, filters: readonly string[], movie: string): readonly string[] {
  const copies = settings.stillHoldFrames - 1
  // Players otherwise have to guess whether pixels are square.
  const square = "setsar=1"
  const held = copies > 0 ? [`loop=loop=${copies}:size=1:start=0`] : []
  return [
    ...["-vf", [...filters, square, ...held].join(","), "-frames:v", String(settings.stillHoldFrames)],
    ...["-c:v", "libx264", "-preset", settings.proxyPreset, "-crf", String(settings.proxyCrf), "-profile:v", "high"],
    ...["-threads", "1", "-an", "-map_metadata", "-1", ...TAGS],
    ...(timecode === null ? [] : ["-timecode", timecode]),
    ...["-movflags", "+faststart", movie],
  ]
}

/** Measures the luminance of a source, full range, in 16 bits; of an EXR's layer by its name, of a TIFF's page by its number. */
export function lightArgs({ selection }: PicturePlan, source: string): readonly string[] {
  const { format, part, layer } = selection
  const page = format === "tiff" && part > 0 ? ["-page", String(part + 1)] : []
  const shown = format === "exr" ? ["-part", String(part), ...(layer === null ? [] : ["-layer", layer])] : page
  const measure = "scale=out_range=full,format=gray16le,signalstats,metadata=mode=print:file=-"
  return [
    "-hide_banner",
    "-nostdin",
    "-loglevel",
    "error",
    "-xerror",
    ...shown,
    "-i",
    source,
    "-frames:v",
    "1",
    "-vf",
    measure,
    "-f",
    "null",
    "-",
  ]
}
