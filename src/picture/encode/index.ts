import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { systemClock } from "../../system/clock.ts"
import type { OutputPlan } from "../engines/plan.ts"
import type { RenderedFile } from "../model.ts"
import { encodeStillMovie } from "./h264.ts"
import { encodeJpeg } from "./jpeg.ts"
import type { Encode, EncodeMeans, EncodeOrder } from "./order.ts"

/** Frames → files, by profile: the third port of an engine, with an encoder for each format of outputs. */

type Encoder = { readonly ending: string; readonly encode: Encode }

/** A format of outputs is an entry here. */
const ENCODERS: Readonly<Record<OutputPlan["encoder"]["format"], Encoder>> = {
  jpeg: { ending: ".jpg", encode: encodeJpeg },
  "h264-still": { ending: ".mp4", encode: encodeStillMovie },
}

/** What an output is called in the job's folder, also where whoever decodes writes it. */
export const fileNameOf = ({ name, encoder }: OutputPlan): string => `${name}${ENCODERS[encoder.format].ending}`

export type EncodedFile = {
  readonly file: RenderedFile
  readonly toolVersions: Readonly<Record<string, string>>
  readonly timingsMs: Readonly<Record<string, number>>
}

/** Frames of one output → its file. Fails: tool/*, scratch/full, stopped. */
export async function encodeFrames(order: Omit<EncodeOrder, "file">, means: EncodeMeans): Promise<Result<EncodedFile>> {
  const { output } = order
  const begunMs = systemClock.steadyMs()
  const file = fileNameOf(output)
  const encoded = await ENCODERS[output.encoder.format].encode({ ...order, file }, means)
  if (!encoded.ok) return encoded
  const { problem, toolVersions, timedAs } = encoded.value
  const path = join(means.folder, file)
  const bytes = await readFile(path).catch(() => Buffer.alloc(0))
  const wrong = problem(bytes)
  if (wrong !== null) return failed(failure("tool/failed", wrong))
  const { canvas, rectangle: picture, colorspace } = output
  return done({
    file: { path, sizeBytes: bytes.length, ...canvas, picture, colorspace },
    toolVersions,
    timingsMs: timedAs === null ? {} : { [timedAs]: systemClock.steadyMs() - begunMs },
  })
}
