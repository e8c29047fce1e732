import { type ByProfile, byProfile } from "../../element/profiles.ts"
import { done, type Result } from "../../events/result.ts"
import type { FramePixels } from "../model.ts"
import { jpegOf } from "./jpeg.ts"
import type { OutputOrder } from "./order.ts"

type Canvas = Uint8Array<ArrayBuffer>

/**
 * Encodes the finished canvases of a frame in this process, where an encoder of ours can: else planes are handed on as they
 * are, for ffmpeg. A canvas holds what `pixelsFor` says of its output. Called in render processes. Fails: tool/missing.
 */
export async function encodeHere(
  outputs: readonly OutputOrder[],
  canvases: ByProfile<Canvas>,
): Promise<Result<ByProfile<FramePixels>>> {
  const made: (readonly [string, FramePixels])[] = []
  for (const order of outputs) {
    const { name } = order.output
    const canvas = canvases[name]
    if (canvas === undefined) throw new Error(`No ${name} was drawn.`)
    const one = await encodeOne(order, canvas)
    if (!one.ok) return one
    made.push([name, one.value])
  }
  return done(byProfile(made))
}

async function encodeOne({ output }: OutputOrder, canvas: Canvas): Promise<Result<FramePixels>> {
  const { encoder } = output
  return encoder.format === "jpeg" ? jpegOf(canvas, output, encoder.quality) : done({ kind: "yuv420p", canvas })
}
