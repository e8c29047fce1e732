import { join } from "node:path"
import { done, type Result } from "../../../events/result.ts"
import { systemClock } from "../../../system/clock.ts"
import { encodePlanesArgs } from "../../encode/ffmpeg-args.ts"
import { writeJpeg } from "../../encode/jpeg.ts"
import { movieProblem, thumbnailProblem } from "../../encode/verify.ts"
import type { Rendered, RenderedFile, RenderJob } from "../../index.ts"
import { toolRunner, type Workshop } from "../../tools/tool-context.ts"
import { OUTPUTS, writtenFile } from "../oiiotool/job-files.ts"
import { type PicturePlan, shownAs } from "../plan.ts"
import type { RenderAnswer } from "./render-order.ts"

type Outputs = Pick<Rendered, "thumbnail" | "proxy"> & { readonly timingsMs: { jpeg: number; ffmpeg: number } }

/** Writes both pictures; the files are read back before anyone believes them. Fails: tool/*, scratch/full, stopped. */
export async function writeOutputs(
  pictures: RenderAnswer,
  work: Workshop & { readonly job: RenderJob; readonly plan: PicturePlan },
): Promise<Result<Outputs>> {
  const { plan, job } = work
  const begunMs = systemClock.steadyMs()
  const encoding = toolRunner(work, job)(
    work.tools.ffmpeg,
    encodePlanesArgs(plan, OUTPUTS.movie),
    pictures.proxyYuv,
  ).then((ran) => ({ ran, ms: systemClock.steadyMs() - begunMs }))
  const thumbnail = await makeThumbnail(pictures, plan, job)
  const jpegMs = systemClock.steadyMs() - begunMs
  const encoded = await encoding
  if (!encoded.ran.ok) return encoded.ran
  if (!thumbnail.ok) return thumbnail
  const movie = await writtenFile(join(job.folder, OUTPUTS.movie), (bytes) => movieProblem(bytes, plan.settings))
  if (!movie.ok) return movie
  return done({
    thumbnail: thumbnail.value,
    proxy: { ...movie.value, picture: plan.proxy, colorspace: shownAs(plan).proxy },
    timingsMs: { jpeg: jpegMs, ffmpeg: encoded.ms },
  })
}

async function makeThumbnail(
  { thumbnailRgb }: RenderAnswer,
  plan: PicturePlan,
  { folder }: RenderJob,
): Promise<Result<RenderedFile>> {
  const { settings, thumbnail } = plan
  const path = join(folder, OUTPUTS.thumbnail)
  const written = await writeJpeg(thumbnailRgb, settings, path)
  if (!written.ok) return written
  const file = await writtenFile(path, (bytes) => thumbnailProblem(bytes, settings))
  return file.ok ? done({ ...file.value, picture: thumbnail, colorspace: shownAs(plan).thumbnail }) : file
}
