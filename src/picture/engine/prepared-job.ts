import type { Result } from "../../events/result.ts"
import type { RenderJob } from "../index.ts"
import { withIccSource } from "./icc-source.ts"
import type { Setup } from "./setup.ts"
import { checkJpegEnd } from "./whole-jpeg.ts"

/**
 * The job, once its source is what the engines can start from: a JPEG that is whole, and colours of tables converted.
 * Fails: picture/damaged, and like {@link withIccSource}.
 */
export async function preparedJob(job: RenderJob, setup: Pick<Setup, "limits" | "guards">): Promise<Result<RenderJob>> {
  if (job.reading.selection.format === "jpeg") {
    const whole = await checkJpegEnd(job.sourceFile)
    if (!whole.ok) return whole
  }
  return withIccSource(job, setup)
}
