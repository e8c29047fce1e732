import { done, failed, failure, type Result } from "../../events/result.ts"
import { idrPicIdRewriter } from "./mp4/idr-pic-id.ts"
import { accessUnitOf, avcConfiguration, type MovieFormat, movieHead, oneFrameMovie } from "./mp4/index.ts"
import type { OutputOrder } from "./order.ts"

/** Frames of a movie: a still is held, a sequence lasts as long as it is. */
export const movieFrames = (pictures: number, { plan }: OutputOrder): number =>
  pictures === 1 ? plan.settings.stillHoldFrames : pictures

/**
 * The MP4 of pictures in H.264, each encoded alone with parameter sets of its own (Annex B), whoever encoded them.
 * Fails: tool/failed where an encoder wrote something else.
 */
export function stillMovie(order: OutputOrder, streams: readonly Uint8Array[]): Result<Uint8Array<ArrayBuffer>> {
  const units = streams.map(accessUnitOf)
  const configurations = units.map(({ sps, pps }) =>
    sps.length === 0 || pps.length === 0 ? null : avcConfiguration(sps, pps),
  )
  const [avcC] = configurations
  const [first, ...more] = units.map(({ sample }) => sample)
  if (first === undefined || avcC == null || configurations.some((other) => other === null || !avcC.equals(other)))
    return failed(failure("tool/failed", "No H.264 pictures of one kind were written."))
  const { output, plan } = order
  const format: MovieFormat = { ...output.canvas, rate: plan.frameRate, timecode: plan.timecode, avcC }
  const movie =
    more.length === 0
      ? oneFrameMovie(format, first, plan.settings.stillHoldFrames)
      : sequenceMovie(format, [first, ...more])
  return done(Uint8Array.from(movie))
}

function sequenceMovie(format: MovieFormat, samples: readonly Buffer[]): Buffer {
  const rewrite = idrPicIdRewriter(format.avcC)
  // Each has the number 0, and pictures behind one another must differ in it.
  const numbered = samples.map((sample, frame) => (frame % 2 === 0 ? sample : rewrite?.(sample, 1)))
  const stored = numbered.filter((sample) => sample != null)
  if (stored.length < samples.length) throw new Error("Only progressive IDR pictures make a sequence.")
  const storedBytes = Uint32Array.from(stored, ({ length }) => length)
  return Buffer.concat([
    movieHead(format, { storedBytes, shown: storedBytes.map((_, frame) => frame), sync: null }),
    ...stored,
  ])
}
