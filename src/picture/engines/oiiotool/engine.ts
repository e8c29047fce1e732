import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { byProfile } from "../../../element/profiles.ts"
import { done, failed, failure, type Result } from "../../../events/result.ts"
import { systemClock } from "../../../system/clock.ts"
import { fileNameOf } from "../../encode/index.ts"
import type { DecodedFrame, FrameOrder, FrameSource, PictureEngine } from "../../index.ts"
import { layOutLook } from "../../looks/apply.ts"
import type { FramePixels } from "../../model.ts"
import { fileNameFor } from "../../read/header/model.ts"
import { readHeader } from "../../read/header/read.ts"
import { readLocalHeader } from "../../read/reading.ts"
import { RECIPES } from "../../recipes.ts"
import type { ToolOutput } from "../../tools/run-tool.ts"
import { toolRunner } from "../../tools/tool-context.ts"
import { type EngineBase, type EngineOptions, openEngine } from "../engine.ts"
import { type OutputPlan, overlaps, plannedOutputs } from "../plan.ts"
import { linkedSource } from "../prepared-source.ts"
import { blackByLook, secondLook, silentlyBlack } from "../second-look.ts"
import { whatIsMissing } from "../setup.ts"
import { hasLight, nonFiniteSamples, parseStats, readWrittenTiff, type Stats } from "./answers.ts"
import { toldChannels } from "./channel-numbers.ts"
import { countsBeforeConversion, lightStatsArgs, renderArgs, sourceStatsArgs } from "./oiiotool-args.ts"

/**
 * The engine on oiiotool and ffmpeg: one oiiotool process and one ffmpeg process a frame.
 * Fails: config/invalid when the OCIO config cannot be read or is none.
 */
export const openOiiotoolEngine = (options: EngineOptions = {}): Promise<Result<PictureEngine>> =>
  openEngine(options, (base) => ({
    recipe: RECIPES.oiiotool,
    ownReaders: false,
    frames: oiiotoolFrames(base),
    missing: () => whatIsMissing(base.setup),
  }))

/** One frame at work; its channels are told to oiiotool, and the source stands in the job's folder. */
type FrameWork = FrameOrder & { readonly base: EngineBase; readonly source: string }

/** oiiotool decodes, resizes and colours, in one process a frame; JPEGs it writes at once. */
const oiiotoolFrames = (base: EngineBase): FrameSource => ({
  async *frames(order) {
    yield await decodeFrame(base, order)
  },
})

async function decodeFrame(base: EngineBase, order: FrameOrder): Promise<Result<DecodedFrame>> {
  const { job, plan, tools } = order
  const source = await linkedSource(job)
  if (!source.ok) return source
  const told = await toldChannels(plan, source.value, (args) => toolRunner(order, job)(tools.oiiotool, args))
  if (!told.ok) return told
  const laidOut = plan.look === null ? done(undefined) : await layOutLook(job.folder, plan.look)
  if (!laidOut.ok) return laidOut
  const work: FrameWork = { ...order, plan: told.value, base, source: source.value }
  const begunMs = systemClock.steadyMs()
  const outputs = plannedOutputs(plan)
  const files = { source: source.value, of: writtenName }
  const drawn = await oiiotool(work, renderArgs(work.plan, files, tools.oiiotool.version.major))
  if (!drawn.ok) return drawn
  const blackness = await blacknessOf(work)
  if (!blackness.ok) return blackness
  const nonFiniteCount = await nonFiniteOf(work, drawn.value)
  if (!nonFiniteCount.ok) return nonFiniteCount
  return done({
    pixels: byProfile(outputs.map((output) => [output.name, pixelsOf(output)])),
    route: `oiiotool/${plan.route}`,
    toolVersions: { oiiotool: tools.oiiotool.version.text },
    looks: {},
    timingsMs: { oiiotool: systemClock.steadyMs() - begunMs },
    nonFiniteCount: nonFiniteCount.value,
    allBlack: blackness.value.allBlack,
    nearlyBlack: blackness.value.nearlyBlack,
    warnings: [...plan.warnings, ...blackness.value.warnings],
  })
}

/** Frames of movies are handed on in a TIFF. */
const writtenName = (output: OutputPlan): string =>
  output.encoder.format === "jpeg" ? fileNameOf(output) : `${output.name}.tif`

const pixelsOf = (output: OutputPlan): FramePixels =>
  output.encoder.format === "jpeg" ? { kind: "jpeg" } : { kind: "rgb16-tiff", path: writtenName(output) }

type Blackness = { readonly allBlack: boolean; readonly nearlyBlack: boolean; readonly warnings: readonly string[] }

/** Black is right when no pixel lies in the display window, or when the source has no light; else it is an alarm. */
async function blacknessOf(work: FrameWork): Promise<Result<Blackness>> {
  const { plan, job } = work
  const tiff = readWrittenTiff(await readFile(join(job.folder, writtenName(plan.main))).catch(() => Buffer.alloc(0)))
  if (tiff?.width !== plan.main.rectangle.width || tiff.height !== plan.main.rectangle.height) {
    return failed(failure("tool/failed", "oiiotool did not write the intermediate picture as it was asked to."))
  }
  const { allBlack, nearlyBlack } = tiff
  if (!allBlack || !overlaps(plan.selection.dataWindow, plan.selection.displayWindow))
    return done({ allBlack, nearlyBlack, warnings: [] })
  const light = await statsOf(work, lightStatsArgs(plan, work.source))
  if (!light.ok) return light
  if (hasLight(light.value))
    return plan.look === null
      ? failed(silentlyBlack(plan))
      : done({ allBlack, nearlyBlack, warnings: [blackByLook(plan.look)] })
  const name = fileNameFor(plan.selection.format)
  const header = await readLocalHeader(job.sourceFile, (file) => readHeader(file, name))
  if (!header.ok) return header
  const { processes, setup } = work.base
  const bundledConfigPath = setup.bundled.path
  const looked = await secondLook({ ...work, processes, bundledConfigPath, header: header.value, madeBy: "oiiotool" })
  return looked.ok ? done({ allBlack, nearlyBlack, warnings: looked.value }) : looked
}

/** Exact at full size; the shrunk picture's count only says whether a second look is needed. */
async function nonFiniteOf(work: FrameWork, drawn: ToolOutput): Promise<Result<number>> {
  const { plan, source } = work
  const stats = parseStats(drawn.stdout)
  if (stats === null) return failed(failure("tool/failed", "oiiotool did not print statistics."))
  const count = nonFiniteSamples(stats, plan.selection.channels)
  if (count === 0 || countsBeforeConversion(plan)) return done(count)
  const exact = await statsOf(work, sourceStatsArgs(plan, source))
  return exact.ok ? done(nonFiniteSamples(exact.value, [...new Set(plan.selection.channels)])) : exact
}

async function statsOf(work: FrameWork, args: readonly string[]): Promise<Result<Stats>> {
  const ran = await oiiotool(work, args)
  if (!ran.ok) return ran
  const stats = parseStats(ran.value.stdout)
  return stats === null ? failed(failure("tool/failed", "oiiotool did not print statistics.")) : done(stats)
}

const oiiotool = (work: FrameWork, args: readonly string[]): Promise<Result<ToolOutput>> =>
  toolRunner(work, work.job)(work.tools.oiiotool, args)
