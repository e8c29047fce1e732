// What encoders are told, and what they report.

import type { Result } from "../../events/result.ts"
import type { OutputPlan, PicturePlan } from "../engines/plan.ts"
import type { FramePixels } from "../model.ts"
import type { RunTool, Tools } from "../tools/tool-context.ts"

/** What encoders need beside frames: where to write, and how to run tools there. */
export type EncodeMeans = {
  readonly folder: string
  readonly tools: Pick<Tools, "ffmpeg">
  readonly run: RunTool
}

/** An output that frames are encoded for: plain data, which render processes are told too. */
export type OutputOrder = {
  readonly output: OutputPlan
  readonly plan: Pick<PicturePlan, "settings" | "frameRate" | "timecode">
}

export type EncodeOrder = OutputOrder & {
  /** Frames in their order; a still is a sequence of one. */
  readonly frames: readonly FramePixels[]
  /** Name of the file inside the folder. */
  readonly file: string
}

/** What an encoder reports of its work; the file is read back before anyone believes it. */
export type Encoded = {
  /** Versions of what encoded, by name. */
  readonly toolVersions: Readonly<Record<string, string>>
  /** What the time that encoding took is called; null where whoever decoded has encoded already. */
  readonly timedAs: string | null
}

export type Encoder = {
  /** Of the file's name. */
  readonly ending: string
  /** Writes frames that nobody has encoded yet. */
  readonly encode: (order: EncodeOrder, means: EncodeMeans) => Promise<Result<Encoded>>
  /** What is wrong with an encoded file, null when it is what was ordered. */
  readonly problem: (bytes: Uint8Array, order: EncodeOrder) => string | null
}
