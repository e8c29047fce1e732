import { join } from "node:path"
import type { Result } from "../../../events/result.ts"
import { wholeJpeg } from "../../encode/whole-jpeg.ts"
import type { RenderJob } from "../../index.ts"
import { withIccSource } from "../icc-source.ts"
import type { Setup } from "../setup.ts"

/**
 * The job, once its source is what the engines can start from: a JPEG that is whole and without a gain map, and
 * colours of tables converted.
 * Fails: picture/damaged, and like {@link withIccSource}.
 */
export async function preparedJob(job: RenderJob, setup: Pick<Setup, "limits" | "guards">): Promise<Result<RenderJob>> {
  if (job.reading.selection.format === "jpeg") {
    const whole = await wholeJpeg(job.sourceFile, join(job.folder, "plain.jpg"))
    return whole.ok ? withIccSource({ ...job, sourceFile: whole.value }, setup) : whole
  }
  return withIccSource(job, setup)
}
