import { done, type Failure, failed, failure, type Result } from "../../events/result.ts"
import type { AppliedLook } from "../looks/apply.ts"
import type { RenderJob } from "../model.ts"
import { inputOf } from "../pixels/plan.ts"
import type { PictureHeader } from "../read/header/model.ts"
import { isReadDeep } from "../samples/exr/deep-reader.ts"
import { type ToolContext, toolRunner } from "../tools/tool-context.ts"
import { hasLight, parseLight, parseStats, type Stats } from "./oiiotool/answers.ts"
import { toldChannels } from "./oiiotool/channel-numbers.ts"
import { lightStatsArgs } from "./oiiotool/oiiotool-args.ts"
import { routeOf } from "./own-readers.ts"
import type { PicturePlan } from "./plan.ts"
import { linkedSource } from "./prepared-source.ts"
import type { RenderProcesses } from "./render-processes.ts"

/** A picture that came out black although it has pixels to show, and all that looks at its source once more. */
export type BlackPicture = ToolContext & {
  readonly job: RenderJob
  readonly plan: PicturePlan
  readonly header: PictureHeader
  readonly processes: RenderProcesses
  readonly bundledConfigPath: string
  /** Who decoded the samples: a reader of ours, or oiiotool. */
  readonly madeBy: "own-reader" | "oiiotool"
}

/**
 * Has the source looked at by a decoder that had no part in the picture: a reader of ours where oiiotool decoded, oiiotool
 * where ours did, ffmpeg for what only oiiotool reads. Returns what there is to say where none of them could look.
 * Fails: picture/silently-black where it sees light, stopped.
 */
export async function secondLook(black: BlackPicture): Promise<Result<readonly string[]>> {
  const measured = await (black.madeBy === "oiiotool" ? lookWithoutOiiotool(black) : lookWithOiiotool(black))
  if (!measured.ok) return measured.failure.code === "stopped" ? measured : done(UNSEEN)
  if (measured.value === null) return done(UNSEEN)
  if (!hasLight(measured.value)) return done([])
  const { look } = black.plan
  return look === null ? failed(silentlyBlack(black.plan)) : done([blackByLook(look)])
}

const UNSEEN = ["The picture is black, and no second decoder could look whether its source is."]

async function lookWithOiiotool(black: BlackPicture): Promise<Result<Stats | null>> {
  const { job, plan, tools } = black
  if (routeOf(black.header, plan.selection).reader === "luminance-chroma") return done(null)
  const source = await linkedSource(job)
  if (!source.ok) return source
  const run = toolRunner(black, job)
  const told = await toldChannels(plan, source.value, (args) => run(tools.oiiotool, args))
  if (!told.ok) return told
  const ran = await run(tools.oiiotool, lightStatsArgs(told.value, source.value))
  return ran.ok ? done(parseStats(ran.value.stdout)) : ran
}

async function lookWithoutOiiotool(black: BlackPicture): Promise<Result<Stats | null>> {
  const { job, plan, header, processes, limits } = black
  const part = header.parts[plan.selection.part]
  if (part === undefined) return done(null)
  const { reader } = routeOf(header, plan.selection)
  if (part.deep && !isReadDeep(part)) return done(null)
  const own = part.deep ? "deep" : reader
  if (own === "converted") return lookWithFfmpeg(black)
  const input = inputOf(plan, black.bundledConfigPath)
  if (input === null) return done(null)
  const order = {
    sourceFile: job.sourceFile,
    header,
    selection: plan.selection,
    reader: own,
    decode: input.curve,
  } as const
  return processes.measure(order, { timeoutMs: limits.timeoutMs, signal: job.signal })
}

/** ffmpeg decodes tiled TIFFs to black, shows data windows in its own way, and takes logarithms for light. */
async function lookWithFfmpeg(black: BlackPicture): Promise<Result<Stats | null>> {
  const { job, plan, tools, header } = black
  const { format, tiled, dataWindow: data, displayWindow: display } = plan.selection
  const isInside =
    data.xMin >= display.xMin && data.yMin >= display.yMin && data.xMax <= display.xMax && data.yMax <= display.yMax
  if ((format === "tiff" && tiled) || !isInside || plan.input.encoding === "log") return done(null)
  // It takes colour that alpha hides for light.
  if (format !== "tiff" && format !== "exr" && header.parts[0]?.channels.some(({ name }) => name === "A"))
    return done(null)
  const source = await linkedSource(job)
  if (!source.ok) return source
  const ran = await toolRunner(black, job)(tools.ffmpeg, lightArgs(plan, source.value))
  return ran.ok ? done(parseLight(ran.value.stdout)) : ran
}

/** Measures the luminance of a source, full range, in 16 bits; of an EXR's layer by its name, of a TIFF's page by its number. */
function lightArgs({ selection }: PicturePlan, source: string): readonly string[] {
  const { format, part, layer } = selection
  const page = format === "tiff" && part > 0 ? ["-page", String(part + 1)] : []
  const shown = format === "exr" ? ["-part", String(part), ...(layer === null ? [] : ["-layer", layer])] : page
  const measure = "scale=out_range=full,format=gray16le,signalstats,metadata=mode=print:file=-"
  return [
    "-hide_banner",
    "-nostdin",
    "-loglevel",
    "error",
    "-xerror",
    ...shown,
    "-i",
    source,
    "-frames:v",
    "1",
    "-vf",
    measure,
    "-f",
    "null",
    "-",
  ]
}

/** Black is right when no pixel lies in the display window, or when the source has no light; else it is this alarm. */
export const silentlyBlack = ({ selection }: PicturePlan): Failure =>
  failure(
    "picture/silently-black",
    `The picture came out black although channels ${selection.channels.join(", ")} hold light; nothing was published.`,
  )

/** A look may make black of anything: no decoder is blamed then, but somebody is told. */
export const blackByLook = ({ name }: AppliedLook): string =>
  `The picture is black although its source has light: the look file ${name} makes it so.`
