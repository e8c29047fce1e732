import { readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { failure } from "../../../events/failure.ts"
import { done, failed, type Result } from "../../../events/result.ts"
import { systemClock } from "../../../system/clock.ts"
import { encodeArgs } from "../../encode/ffmpeg-args.ts"
import { movieProblem, thumbnailProblem } from "../../encode/verify.ts"
import { readWrittenTiff } from "../../encode/written-tiff.ts"
import type { Rendered, RenderedFile, RenderJob } from "../../index.ts"
import { layOutLook } from "../../looks/apply.ts"
import { fileNameFor } from "../../read/header/model.ts"
import { readHeader } from "../../read/header/read.ts"
import { readLocalHeader } from "../../read/local-file.ts"
import type { Tool } from "../../tools/find-tool.ts"
import type { ToolOutput } from "../../tools/run-tool.ts"
import { toolRunner, type Workshop } from "../../tools/tool-context.ts"
import { toldChannels } from "../channel-numbers.ts"
import { type LightMeter, secondLook } from "../in-process/second-look.ts"
import { overlaps, type PicturePlan, shownAs } from "../plan.ts"
import { linkedSource, OUTPUTS, writtenFile } from "./job-files.ts"
import { countsBeforeConversion, lightStatsArgs, renderArgs, sourceStatsArgs } from "./oiiotool-args.ts"
import { blackByLook, silentlyBlack } from "./silently-black.ts"
import { hasLight, nonFiniteSamples, parseStats, type Stats } from "./stats.ts"

/** One job at work: what to do, where, and with what. */
type Bench = RenderMeans & { readonly job: RenderJob; readonly plan: PicturePlan; readonly source: string }

/** Tools, and what looks at the source of a black picture once more. */
export type RenderMeans = Workshop & { readonly lightMeter: LightMeter; readonly bundledConfigPath: string }

const FILES = { proxyTiff: "proxy.tif", ...OUTPUTS }

/** Carries out a plan: oiiotool once, ffmpeg once, and the written files are read back before anyone believes them. */
export async function renderPlan(plan: PicturePlan, job: RenderJob, workshop: RenderMeans): Promise<Result<Rendered>> {
  const source = await linkedSource(job)
  if (!source.ok) return source
  const told = await toldChannels(plan, source.value, (args) =>
    toolRunner(workshop, job)(workshop.tools.oiiotool, args),
  )
  if (!told.ok) return told
  const laidOut = plan.look === null ? done(undefined) : await layOutLook(job.folder, plan.look)
  if (!laidOut.ok) return laidOut
  const bench: Bench = { ...workshop, job, plan: told.value, source: source.value }
  const begunMs = systemClock.steadyMs()
  const picture = await makePicture(bench)
  if (!picture.ok) return picture
  const pictureMs = systemClock.steadyMs() - begunMs
  const movie = await makeMovie(bench)
  if (!movie.ok) return movie
  return done({
    thumbnail: picture.value.thumbnail,
    proxy: movie.value,
    route: `oiiotool/${plan.route}`,
    toolVersions: { oiiotool: bench.tools.oiiotool.version.text, ffmpeg: bench.tools.ffmpeg.version.text },
    timingsMs: { oiiotool: Math.round(pictureMs), ffmpeg: Math.round(systemClock.steadyMs() - begunMs - pictureMs) },
    nonFiniteCount: picture.value.nonFiniteCount,
    allBlack: picture.value.allBlack,
    warnings: [...plan.warnings, ...picture.value.warnings],
  })
}

type Blackness = { readonly allBlack: boolean; readonly warnings: readonly string[] }
type Picture = Blackness & { readonly thumbnail: RenderedFile; readonly nonFiniteCount: number }

async function makePicture(bench: Bench): Promise<Result<Picture>> {
  const { plan, tools, source, job } = bench
  const drawn = await oiiotool(bench, renderArgs(plan, { source, ...FILES }, tools.oiiotool.version.major))
  if (!drawn.ok) return drawn
  const blackness = await blacknessOf(bench)
  if (!blackness.ok) return blackness
  const nonFiniteCount = await nonFiniteOf(bench, drawn.value)
  if (!nonFiniteCount.ok) return nonFiniteCount
  const thumbnail = await writtenFile(join(job.folder, FILES.thumbnail), (bytes) =>
    thumbnailProblem(bytes, plan.settings),
  )
  if (!thumbnail.ok) return thumbnail
  return done({
    thumbnail: { ...thumbnail.value, picture: plan.thumbnail, colorspace: shownAs(plan).thumbnail },
    nonFiniteCount: nonFiniteCount.value,
    ...blackness.value,
  })
}

async function makeMovie(bench: Bench): Promise<Result<RenderedFile>> {
  const { plan, job } = bench
  const encoded = await run(bench, bench.tools.ffmpeg, encodeArgs(plan, FILES))
  await rm(join(job.folder, FILES.proxyTiff), { force: true })
  if (!encoded.ok) return encoded
  const movie = await writtenFile(join(job.folder, FILES.movie), (bytes) => movieProblem(bytes, plan.settings))
  return movie.ok ? done({ ...movie.value, picture: plan.proxy, colorspace: shownAs(plan).proxy }) : movie
}

/** Black is right when no pixel lies in the display window, or when the source has no light; else it is an alarm. */
async function blacknessOf(bench: Bench): Promise<Result<Blackness>> {
  const { plan, job } = bench
  const tiff = readWrittenTiff(await readFile(join(job.folder, FILES.proxyTiff)).catch(() => Buffer.alloc(0)))
  if (tiff?.width !== plan.proxy.width || tiff.height !== plan.proxy.height) {
    return failed(failure("tool/failed", "oiiotool did not write the intermediate picture as it was asked to."))
  }
  const { allBlack } = tiff
  if (!allBlack || !overlaps(plan.selection.dataWindow, plan.selection.displayWindow))
    return done({ allBlack, warnings: [] })
  const light = await statsOf(bench, lightStatsArgs(plan, bench.source))
  if (!light.ok) return light
  if (hasLight(light.value))
    return plan.look === null ? failed(silentlyBlack(plan)) : done({ allBlack, warnings: [blackByLook(plan.look)] })
  const name = fileNameFor(plan.selection.format)
  const header = await readLocalHeader(job.sourceFile, (file) => readHeader(file, name))
  if (!header.ok) return header
  const looked = await secondLook({ ...bench, header: header.value, madeBy: "oiiotool" })
  return looked.ok ? done({ allBlack, warnings: looked.value }) : looked
}

/** Exact at full size; the shrunk picture's count only says whether a second look is needed. */
async function nonFiniteOf(bench: Bench, drawn: ToolOutput): Promise<Result<number>> {
  const { plan, source } = bench
  const stats = parseStats(drawn.stdout)
  if (stats === null) return failed(failure("tool/failed", "oiiotool did not print statistics."))
  const count = nonFiniteSamples(stats, plan.selection.channels)
  if (count === 0 || countsBeforeConversion(plan)) return done(count)
  const exact = await statsOf(bench, sourceStatsArgs(plan, source))
  return exact.ok ? done(nonFiniteSamples(exact.value, [...new Set(plan.selection.channels)])) : exact
}

async function statsOf(bench: Bench, args: readonly string[]): Promise<Result<Stats>> {
  const ran = await oiiotool(bench, args)
  if (!ran.ok) return ran
  const stats = parseStats(ran.value.stdout)
  return stats === null ? failed(failure("tool/failed", "oiiotool did not print statistics.")) : done(stats)
}

const oiiotool = (bench: Bench, args: readonly string[]): Promise<Result<ToolOutput>> =>
  run(bench, bench.tools.oiiotool, args)

const run = (bench: Bench, tool: Tool, args: readonly string[]): Promise<Result<ToolOutput>> =>
  toolRunner(bench, bench.job)(tool, args)
