import { type ByProfile, byProfile } from "../../element/profiles.ts"
import { done, type Result } from "../../events/result.ts"
import { systemClock } from "../../system/clock.ts"
import type { FramePixels } from "../model.ts"
import { loneRateFactor, type NativeEncoders } from "../native/encoders.ts"
import { jpegOf, SRGB_PROFILE } from "./jpeg.ts"
import { stillMovie } from "./movie.ts"
import type { OutputOrder } from "./order.ts"

type Canvas = Uint8Array<ArrayBuffer>

/**
 * Encodes the finished canvases of a frame in this process, by the native library where there is one: without it sharp
 * writes JPEGs here, and planes are handed on as they are, for ffmpeg. A canvas holds what `pixelsFor` says of its output.
 * Called in render processes. Fails: tool/missing, tool/failed, tool/out-of-memory.
 */
export async function encodeHere(
  outputs: readonly OutputOrder[],
  canvases: ByProfile<Canvas>,
  native: NativeEncoders | null,
): Promise<Result<ByProfile<FramePixels>>> {
  const made: (readonly [string, FramePixels])[] = []
  for (const order of outputs) {
    const { name } = order.output
    const canvas = canvases[name]
    if (canvas === undefined) throw new Error(`No ${name} was drawn.`)
    const one = native === null ? await withoutLibrary(order, canvas) : natively(order, canvas, native)
    if (!one.ok) return one
    made.push([name, one.value])
  }
  return done(byProfile(made))
}

async function withoutLibrary({ output }: OutputOrder, canvas: Canvas): Promise<Result<FramePixels>> {
  const { encoder } = output
  return encoder.format === "jpeg" ? jpegOf(canvas, output, encoder.quality) : done({ kind: "yuv420p", canvas })
}

function natively(order: OutputOrder, canvas: Canvas, { versions, ...native }: NativeEncoders): Result<FramePixels> {
  const { output, plan } = order
  const begunMs = systemClock.steadyMs()
  const versionOf = (name: string): Readonly<Record<string, string>> => ({ [name]: versions[name] ?? "unknown" })
  const told = (): number => systemClock.steadyMs() - begunMs
  if (output.encoder.format === "jpeg") {
    const bytes = native.jpeg({ rgb: canvas, ...output.canvas, quality: output.encoder.quality, icc: SRGB_PROFILE })
    if (!bytes.ok) return bytes
    const toolVersions = versionOf("libjpeg-turbo")
    return done({ kind: "encoded", bytes: bytes.value, toolVersions, timingsMs: { jpeg: told() } })
  }
  const { frameRate: rate, settings } = plan
  const rateFactor = loneRateFactor(settings.proxyCrf, rate)
  const stream = native.h264({ planes: canvas, ...output.canvas, rate, rateFactor, preset: settings.proxyPreset })
  if (!stream.ok) return stream
  const bytes = stillMovie(order, [stream.value])
  if (!bytes.ok) return bytes
  return done({
    kind: "encoded",
    bytes: bytes.value,
    toolVersions: versionOf("x264"),
    timingsMs: { h264: told() },
  })
}
