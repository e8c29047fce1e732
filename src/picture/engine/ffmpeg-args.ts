import type { PicturePlan } from "./plan.ts"

/** zscale, because swscale's white is 236; gbr to 709 explicitly, because the tags alone would leave BT.601 pixels. */
const REC709 =
  "zscale=rangein=full:range=limited:matrixin=gbr:matrix=709:primariesin=709:primaries=709:transferin=709:transfer=709:dither=error_diffusion,format=yuv420p"

/** Tags for ffmpeg 5, and again inside the stream for 8 and later, which take them from the frames. */
const TAGS = [
  ...["-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"],
  ...["-x264-params", "colorprim=bt709:transfer=bt709:colormatrix=bt709"],
]

/** Encodes the one picture. `-threads` stands behind `-i`: there it is the encoder's, and its number is in the stream. */
export function encodeArgs(
  plan: PicturePlan,
  files: { readonly proxyTiff: string; readonly movie: string },
): readonly string[] {
  const { frameRate, settings, timecode } = plan
  return [
    ...["-hide_banner", "-nostdin", "-loglevel", "error", "-y"],
    ...["-framerate", `${frameRate.num}/${frameRate.den}`, "-i", files.proxyTiff],
    ...["-vf", filters(plan), "-frames:v", String(settings.stillHoldFrames)],
    ...["-c:v", "libx264", "-preset", settings.proxyPreset, "-crf", String(settings.proxyCrf), "-profile:v", "high"],
    ...["-threads", "1", "-an", "-map_metadata", "-1", ...TAGS],
    ...(timecode === null ? [] : ["-timecode", timecode]),
    ...["-movflags", "+faststart", files.movie],
  ]
}

function filters({ proxy, settings }: PicturePlan): string {
  const pad = `pad=${settings.proxyWidthPx}:${settings.proxyHeightPx}:${proxy.x}:${proxy.y}`
  const copies = settings.stillHoldFrames - 1
  return [pad, REC709, ...(copies > 0 ? [`loop=loop=${copies}:size=1:start=0`] : [])].join(",")
}
