/** Frames → files, by profile: the third port of an engine, with an encoder for each format of outputs. */

import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { systemClock } from "../../system/clock.ts"
import type { OutputPlan, PicturePlan } from "../engines/plan.ts"
import type { FramePixels, RenderedFile } from "../index.ts"
import type { RunTool, Tools } from "../tools/tool-context.ts"
import { encodeStillMovie } from "./h264.ts"
import { encodeJpeg } from "./jpeg.ts"

/** What encoders need beside frames: where to write, and how to run tools there. */
export type EncodeMeans = {
  readonly folder: string
  readonly tools: Pick<Tools, "ffmpeg">
  readonly run: RunTool
}

export type EncodeOrder = {
  readonly output: OutputPlan
  readonly plan: Pick<PicturePlan, "settings" | "frameRate" | "timecode">
  /** Frames in their order; a still is a sequence of one. */
  readonly frames: readonly FramePixels[]
  /** Name of the file inside the folder. */
  readonly file: string
}

/** What an encoder reports of its work; the file is read back before anyone believes it. */
export type Encoded = {
  /** What is wrong with the written file, null when it is what was ordered. */
  readonly problem: (bytes: Buffer) => string | null
  /** Versions of what encoded, by name. */
  readonly toolVersions: Readonly<Record<string, string>>
  /** What the time that encoding took is called; null where whoever decoded has encoded already. */
  readonly timedAs: string | null
}

export type Encode = (order: EncodeOrder, means: EncodeMeans) => Promise<Result<Encoded>>

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
