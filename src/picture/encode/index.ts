import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { systemClock } from "../../system/clock.ts"
import type { OutputPlan } from "../engines/plan.ts"
import type { EncodedFrame, RenderedFile } from "../model.ts"
import { onScratch } from "../scratch.ts"
import { STILL_MOVIES } from "./h264.ts"
import { JPEGS } from "./jpeg.ts"
import type { EncodeMeans, EncodeOrder, Encoder } from "./order.ts"

/** Frames → files, by profile: the third port of an engine, with an encoder for each format of outputs. */

/** A format of outputs is an entry here. */
const ENCODERS: Readonly<Record<OutputPlan["encoder"]["format"], Encoder>> = {
  jpeg: JPEGS,
  "h264-still": STILL_MOVIES,
}

/** What an output is called in the job's folder, also where whoever decodes writes it. */
export const fileNameOf = ({ name, encoder }: OutputPlan): string => `${name}${ENCODERS[encoder.format].ending}`

export type EncodedFile = {
  readonly file: RenderedFile
  /** What stands in it. */
  readonly bytes: Uint8Array
  readonly toolVersions: Readonly<Record<string, string>>
  readonly timingsMs: Readonly<Record<string, number>>
}

/** Frames of one output → its file. Fails: tool/*, scratch/full, stopped. */
export async function encodeFrames(asked: Omit<EncodeOrder, "file">, means: EncodeMeans): Promise<Result<EncodedFile>> {
  const { output } = asked
  const order = { ...asked, file: fileNameOf(output) }
  const encoder = ENCODERS[output.encoder.format]
  const path = join(means.folder, order.file)
  const made = await written(order, encoder, { ...means, path })
  if (!made.ok) return made
  const { bytes, toolVersions, timingsMs } = made.value
  const wrong = encoder.problem(bytes, order)
  if (wrong !== null) return failed(failure("tool/failed", wrong))
  const { canvas, rectangle: picture, colorspace } = output
  const file = { path, sizeBytes: bytes.length, ...canvas, picture, colorspace }
  return done({ file, bytes, toolVersions, timingsMs })
}

/** The file's bytes, which stand at `path`, too; a frame that was encoded where it was decoded is the whole file. */
async function written(
  order: EncodeOrder,
  { encode }: Encoder,
  { path, ...means }: EncodeMeans & { readonly path: string },
): Promise<Result<Omit<EncodedFrame, "kind">>> {
  const [first] = order.frames
  if (first?.kind === "encoded" && order.frames.length === 1) {
    return onScratch(async () => {
      await writeFile(path, first.bytes)
      return done(first)
    })
  }
  const begunMs = systemClock.steadyMs()
  const encoded = await encode(order, means)
  if (!encoded.ok) return encoded
  const bytes = Uint8Array.from(await readFile(path).catch(() => Buffer.alloc(0)))
  const { toolVersions, timedAs } = encoded.value
  const timingsMs = timedAs === null ? {} : { [timedAs]: systemClock.steadyMs() - begunMs }
  return done({ bytes, toolVersions, timingsMs })
}
