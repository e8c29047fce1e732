import { rm, symlink } from "node:fs/promises"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { done, type Result } from "../../events/result.ts"
import { costOf, limitsFor, sizeOf } from "../cost.ts"
import type { RenderJob } from "../model.ts"
import { ICC_TABLES } from "../read/colour/stated-light.ts"
import { fileNameFor } from "../read/header/model.ts"
import { onScratch } from "../scratch.ts"
import { runTool } from "../tools/run-tool.ts"
import { moduleBeside } from "./render-processes.ts"
import type { Setup } from "./setup.ts"
import { wholeJpeg } from "./whole-jpeg.ts"

/** A fixed name in the job's folder, whatever the source is called: both tools expand `%` and `#` in names. */
export function linkedSource({ sourceFile, folder, reading }: RenderJob): Promise<Result<string>> {
  const name = fileNameFor(reading.selection.format)
  return onScratch(async () => {
    await rm(join(folder, name), { force: true })
    await symlink(resolve(sourceFile), join(folder, name))
    return done(name)
  })
}

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

const CONVERTED = "by-profile.tif"
const PROGRAM = fileURLToPath(moduleBeside(import.meta.url, "icc-program"))

/**
 * The job of a source whose ICC profile holds tables (CMYK, scanners, printers): a guarded process has littleCMS write the
 * picture as sRGB into the job's folder, and that is rendered. A profile that littleCMS refuses costs a warning, and the
 * source is rendered by its code values; any other job stays as it is. Fails: tool/timed-out, tool/out-of-memory,
 * scratch/full, stopped.
 */
async function withIccSource(job: RenderJob, setup: Pick<Setup, "limits" | "guards">): Promise<Result<RenderJob>> {
  const { selection, colorspace } = job.reading
  if (colorspace.configSpace !== ICC_TABLES) return done(job)
  const source = await linkedSource(job)
  if (!source.ok) return source
  const converted = await runTool({
    tool: "libvips",
    program: process.execPath,
    args: [PROGRAM, source.value, CONVERTED, ...(selection.format === "tiff" ? [String(selection.part)] : [])],
    folder: job.folder,
    limits: limitsFor(setup.limits, costOf(selection, await sizeOf(job))),
    guards: setup.guards,
    signal: job.signal,
    environment: SAYS_WARNINGS,
  })
  const srgb = { ...colorspace, configSpace: "srgb_tx" }
  if (converted.ok && !REFUSED.test(converted.value.stderr)) {
    const channels = selection.channels.every((name) => "RGBA".includes(name)) ? selection.channels : ["R", "G", "B"]
    const shown = { ...selection, format: "tiff", part: 0, compression: "none", channels, tiled: false }
    const reading = { ...job.reading, selection: shown, colorspace: srgb }
    return done({ ...job, sourceFile: join(job.folder, CONVERTED), reading })
  }
  if (!converted.ok && !ABOUT_THE_FILE.has(converted.failure.code)) return converted
  await rm(join(job.folder, CONVERTED), { force: true })
  const says = converted.ok ? converted.value.stderr : converted.failure.says
  const why = REFUSED.test(says) ? "littleCMS refuses it." : says
  const warning = `The ${selection.format.toUpperCase()}'s ICC profile could not be followed; the picture is shown as sRGB: ${why}`
  return done({ ...job, reading: { ...job.reading, colorspace: srgb, warnings: [...job.reading.warnings, warning] } })
}

/** sharp goes on without a profile that littleCMS refuses, and says so to whoever debugs it. */
const SAYS_WARNINGS = { NODE_DEBUG: "sharp" }
const REFUSED = /invalid (embedded )?profile/i

const ABOUT_THE_FILE: ReadonlySet<string> = new Set(["tool/failed", "tool/crashed"])
