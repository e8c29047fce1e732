import { done, type Result } from "../../../events/result.ts"
import { systemClock } from "../../../system/clock.ts"
import type { onceEach } from "../../../system/once-each.ts"
import { limitsFor, sizeOf, workOf } from "../../cost.ts"
import { libvipsVersion } from "../../encode/jpeg.ts"
import type { Rendered, RenderJob, Scratch } from "../../index.ts"
import type { InputTransform } from "../../pixels/known-spaces.ts"
import { looksOf } from "../../pixels/output-looks.ts"
import { inputOf, LINEAR_REC709, type PixelPlan, pixelPlan } from "../../pixels/plan.ts"
import { probeInput } from "../../pixels/through-config.ts"
import { ICC_SPACE } from "../../read/colour/stated-light.ts"
import type { HeaderLimits } from "../../read/header/limits.ts"
import { fileNameFor, type PictureHeader } from "../../read/header/model.ts"
import { readHeader } from "../../read/header/read.ts"
import { readLocalHeader } from "../../read/local-file.ts"
import type { Workshop } from "../../tools/tool-context.ts"
import { overlaps, type PicturePlan } from "../plan.ts"
import type { Setup } from "../setup.ts"
import { withConverted } from "./convert.ts"
import { writeOutputs } from "./outputs.ts"
import { type LookShelf, lutBakerOf } from "./ready-looks.ts"
import type { RenderAnswer, RenderOrder, Shown } from "./render-order.ts"
import { type Route, routeOf } from "./route.ts"
import { type LightMeter, secondLook } from "./second-look.ts"
import type { Threads } from "./threads.ts"

export type Engine = {
  readonly setup: Setup
  readonly headerLimits: HeaderLimits
  readonly threads: Threads<RenderOrder, RenderAnswer>
  readonly looks: LookShelf
  /** What was found out about spaces of the facility's config, by name. */
  readonly spaces: ReturnType<typeof onceEach<InputTransform | null>>
  readonly scratch: () => Promise<Scratch>
  readonly lightMeter: LightMeter
}

/** One job at work. */
type Work = Workshop & {
  readonly engine: Engine
  readonly job: RenderJob
  readonly plan: PicturePlan
  readonly header: PictureHeader
  readonly route: Route
}

/** Reads, shrinks and colours in a thread; ffmpeg and sharp encode. Fails: picture/*, tool/*, scratch/full, stopped. */
export async function renderInProcess(engine: Engine, job: RenderJob, plan: PicturePlan): Promise<Result<Rendered>> {
  const tools = await engine.setup.tools()
  if (!tools.ok) return tools
  const header = await headerOf(engine, job)
  if (!header.ok) return header
  const { guards } = engine.setup
  const limits = limitsFor(engine.setup.limits, workOf(plan.selection, await sizeOf(job)))
  const route = routeOf(header.value, plan.selection)
  const work: Work = { engine, job, plan, limits, guards, tools: tools.value, header: header.value, route }
  const libvips = await libvipsVersion()
  if (!libvips.ok) return libvips
  const drawn = await draw(work)
  if (!drawn.ok) return drawn
  const { answer } = drawn.value
  const looked = await lookedAgain(work, drawn.value)
  if (!looked.ok) return looked
  const outputs = await writeOutputs(answer, work)
  if (!outputs.ok) return outputs
  return done({
    ...outputs.value,
    route: drawn.value.route,
    toolVersions: versions(work, drawn.value, libvips.value),
    timingsMs: rounded({ ...drawn.value.timingsMs, ...answer.timingsMs, ...outputs.value.timingsMs }),
    nonFiniteCount: answer.nonFiniteCount,
    allBlack: answer.allBlack,
    warnings: [...plan.warnings, ...looked.value],
  })
}

/** Black is believed where another decoder sees no light either, or where no pixel lies in the display window. */
async function lookedAgain(work: Work, { answer, usedOiiotool }: Drawn): Promise<Result<readonly string[]>> {
  const { dataWindow, displayWindow } = work.plan.selection
  if (!answer.allBlack || !overlaps(dataWindow, displayWindow)) return done([])
  const { lightMeter, setup } = work.engine
  const madeBy = usedOiiotool ? "oiiotool" : "own-reader"
  return secondLook({ ...work, lightMeter, bundledConfigPath: setup.bundled.path, madeBy })
}

/** Of the file itself: the Reading says what is shown of it, not how it is stored. */
function headerOf({ headerLimits }: Engine, { sourceFile, reading }: RenderJob): Promise<Result<PictureHeader>> {
  const name = fileNameFor(reading.selection.format)
  return readLocalHeader(sourceFile, (file) => readHeader(file, name, headerLimits), headerLimits)
}

type Drawn = {
  readonly answer: RenderAnswer
  readonly route: string
  readonly usedOiiotool: boolean
  /** What there is to say of looks that are tables. */
  readonly looks: Readonly<Record<string, string>>
  readonly timingsMs: Readonly<Record<string, number>>
}

/** Both pictures as pixels. What our readers or our colour cannot do, oiiotool does first. */
async function draw(work: Work): Promise<Result<Drawn>> {
  const { engine, plan, job, header, route } = work
  const bundled = engine.setup.bundled.path
  const linear = await linearised(work)
  if (!linear.ok) return linear
  const input = linear.value
  const looks = await engine.looks.ready(looksOf(plan, input, bundled), lutBakerOf(work))
  if (!looks.ok) return looks
  const pixels = pixelPlan(plan, { input: input ?? LINEAR_REC709, looks: looks.value.looks })
  if (pixels === null) throw new Error("The samples are linear, yet there is no plan for them.")
  if (route.reader !== "converted" && input !== null) {
    const shown = { sourceFile: job.sourceFile, header, selection: plan.selection, reader: route.reader }
    const answer = await inThread(work, shown, pixels)
    if (!answer.ok) return answer
    const { name } = route
    return done({ answer: answer.value, route: name, usedOiiotool: false, looks: looks.value.says, timingsMs: {} })
  }
  const drawn = await drawConverted(work, pixels, input === null)
  return drawn.ok ? done({ ...drawn.value, looks: looks.value.says }) : drawn
}

/** How the samples become linear Rec.709: a formula of ours, one that a space of another config turns out to have, or null. */
async function linearised(work: Work): Promise<Result<InputTransform | null>> {
  const { engine, plan } = work
  const { config, space, linearSpace } = plan.input
  const ours = inputOf(plan, engine.setup.bundled.path)
  // A profile's own config serves this job alone: there is nothing to find out about it for others.
  if (ours !== null || config.path === engine.setup.bundled.path || space === ICC_SPACE) return done(ours)
  return engine.spaces(space, () => probeInput({ configPath: config.path, space, linearSpace }, lutBakerOf(work)))
}

/** `linear`: OCIO makes the samples linear, since we have no formula for their space. */
async function drawConverted(work: Work, pixels: PixelPlan, linear: boolean): Promise<Result<Omit<Drawn, "looks">>> {
  const { engine, route } = work
  const begunMs = systemClock.steadyMs()
  const scratch = await engine.scratch()
  return withConverted({ ...work, headerLimits: engine.headerLimits, scratch, linear }, async (converted) => {
    const convertMs = systemClock.steadyMs() - begunMs
    const answer = await inThread(work, converted.shown, pixels)
    if (!answer.ok) return answer
    const nonFiniteCount = converted.nonFiniteCount ?? answer.value.nonFiniteCount
    return done({
      answer: { ...answer.value, nonFiniteCount },
      route: convertedName(route, linear),
      usedOiiotool: true,
      timingsMs: { oiiotool: convertMs },
    })
  })
}

const inThread = ({ engine, limits, job }: Work, shown: Shown, plan: PixelPlan): Promise<Result<RenderAnswer>> =>
  engine.threads.run({ message: { ...shown, plan }, timeoutMs: limits.timeoutMs, signal: job.signal })

const convertedName = ({ name }: Route, byColour: boolean): string => {
  const kind = name.slice(name.indexOf("/") + 1)
  return byColour ? `converted/${kind}-colour` : `converted/${kind}`
}

function versions({ tools }: Work, { usedOiiotool, looks }: Drawn, libvips: string): Readonly<Record<string, string>> {
  const own = { ffmpeg: tools.ffmpeg.version.text, libvips, ...looks }
  return usedOiiotool ? { oiiotool: tools.oiiotool.version.text, ...own } : own
}

const rounded = (timings: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(timings).map(([stage, ms]) => [stage, Math.round(ms)]))
