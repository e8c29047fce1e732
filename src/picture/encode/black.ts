// The black picture that stands in the place of missing frames, encoded as the frames beside it are.

import { readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { done, failed, failure, type Result } from "../../events/result.ts"
import type { BlackOrder } from "../model.ts"
import { loneRateFactor, type NativeEncoders } from "../native/encoders.ts"
import { onScratch } from "../scratch.ts"
import type { RunTool, Tools } from "../tools/tool-context.ts"
import { ffmpegRun } from "./h264.ts"
import { accessUnitOf, avcConfiguration, oneFrameMovie } from "./mp4/index.ts"

/** Black of limited range, and no colour. */
const [BLACK, NO_COLOUR] = [16, 128]

function blackPlanes({ width, height }: Pick<BlackOrder, "width" | "height">): Uint8Array<ArrayBuffer> {
  const pixels = width * height
  return new Uint8Array((pixels * 3) / 2).fill(BLACK, 0, pixels).fill(NO_COLOUR, pixels)
}

/** The one-frame movie; null where there is no native library. Called in render processes. */
export function encodeBlack(order: BlackOrder, native: NativeEncoders | null): Result<Uint8Array | null> {
  if (native === null) return done(null)
  const { width, height, rate, proxyCrf, proxyPreset: preset } = order
  const rateFactor = loneRateFactor(proxyCrf, rate)
  const stream = native.h264({ planes: blackPlanes(order), width, height, rate, rateFactor, preset })
  return stream.ok ? blackMovie(order, stream.value) : stream
}

/** The same by ffmpeg, in a folder with room for it. */
export async function encodeBlackByTool(
  order: BlackOrder,
  { folder, tools, run }: { readonly folder: string; readonly tools: Pick<Tools, "ffmpeg">; readonly run: RunTool },
): Promise<Result<Uint8Array>> {
  const { width, height, rate: frameRate } = order
  const output = { canvas: { width, height }, rectangle: { x: 0, y: 0, width, height } }
  const frame = { kind: "yuv420p", canvas: blackPlanes(order) } as const
  const ran = await run(tools.ffmpeg, ...ffmpegRun({ output, plan: { settings: order, frameRate } }, frame, FILE))
  if (!ran.ok) return ran
  const path = join(folder, FILE)
  return onScratch(async () => {
    const stream = await readFile(path)
    await rm(path)
    return blackMovie(order, stream)
  })
}

const FILE = "black.h264"

function blackMovie({ width, height, rate }: BlackOrder, stream: Uint8Array): Result<Uint8Array> {
  const { sps, pps, sample } = accessUnitOf(stream)
  if (sps.length === 0 || pps.length === 0) return failed(failure("tool/failed", "No black picture was written."))
  const movie = oneFrameMovie({ width, height, rate, timecode: null, avcC: avcConfiguration(sps, pps) }, sample)
  return done(Uint8Array.from(movie))
}
