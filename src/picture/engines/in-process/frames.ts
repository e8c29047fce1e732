import { done, type Failure, type Result } from "../../../events/result.ts"
import { systemClock } from "../../../system/clock.ts"
import type { onceEach } from "../../../system/recent-map.ts"
import type { DecodedFrame, FrameOrder, FrameSource } from "../../index.ts"
import type { RenderJob, Scratch } from "../../model.ts"
import type { InputTransform } from "../../pixels/known-spaces.ts"
import { inputOf, LINEAR_REC709, looksOf, type PixelPlan, pixelPlan } from "../../pixels/plan.ts"
import { probeInput } from "../../pixels/through-config.ts"
import { ICC_SPACE } from "../../read/colour/stated-light.ts"
import type { PictureHeader } from "../../read/header/model.ts"
import { fileNameFor } from "../../read/header/model.ts"
import { readHeader } from "../../read/header/read.ts"
import { readLocalHeader } from "../../read/reading.ts"
import type { EngineBase } from "../engine.ts"
import { type OwnSource, type Route, routeOf } from "../own-readers.ts"
import { overlaps, plannedOutputs } from "../plan.ts"
import { secondLook } from "../second-look.ts"
import { withConverted } from "./convert.ts"
import { type LutCache, lutBakerOf } from "./lut-cache.ts"
import type { RenderAnswer } from "./render-order.ts"

export type InProcessMeans = EngineBase & {
  readonly luts: LutCache
  /** What was found out about spaces of the facility's config, by name. */
  readonly spaces: ReturnType<typeof onceEach<InputTransform | null>>
  readonly scratch: () => Promise<Scratch>
}

/** One frame at work. */
type FrameWork = FrameOrder & {
  readonly engine: InProcessMeans
  readonly header: PictureHeader
  readonly route: Route
}

/** Readers and pixels of our own, in render processes; oiiotool converts what they do not read. */
export const inProcessFrames = (engine: InProcessMeans): FrameSource => ({
  async *frames(order) {
    yield await decodeFrame(engine, order)
  },
})

async function decodeFrame(engine: InProcessMeans, order: FrameOrder): Promise<Result<DecodedFrame>> {
  const header = await headerOf(engine, order.job)
  if (!header.ok) return header
  const { plan, tools } = order
  const route = routeOf(header.value, plan.selection, engine.hasLibrary)
  const work: FrameWork = { ...order, engine, header: header.value, route }
  const drawn = await draw(work)
  if (!drawn.ok) return drawn
  const looked = await lookedAgain(work, drawn.value)
  if (!looked.ok) return looked
  const { answer, route: taken, usedOiiotool, looks, timingsMs } = drawn.value
  return done({
    pixels: answer.pixels,
    route: taken,
    toolVersions: { ...answer.toolVersions, ...(usedOiiotool ? { oiiotool: tools.oiiotool.version.text } : {}) },
    looks,
    timingsMs: { ...timingsMs, ...answer.timingsMs },
    nonFiniteCount: answer.nonFiniteCount,
    allBlack: answer.allBlack,
    nearlyBlack: answer.nearlyBlack,
    warnings: [...plan.warnings, ...looked.value],
  })
}

/** Black is believed where another decoder sees no light either, or where no pixel lies in the display window. */
async function lookedAgain(work: FrameWork, { answer, usedOiiotool }: Drawn): Promise<Result<readonly string[]>> {
  const { dataWindow, displayWindow } = work.plan.selection
  if (!answer.allBlack || !overlaps(dataWindow, displayWindow)) return done([])
  const { processes, setup } = work.engine
  const madeBy = usedOiiotool ? "oiiotool" : "own-reader"
  return secondLook({ ...work, processes, bundledConfigPath: setup.bundled.path, madeBy })
}

/** Of the file itself: the Reading says what is shown of it, not how it is stored. */
function headerOf(
  { headerLimits }: InProcessMeans,
  { sourceFile, reading }: RenderJob,
): Promise<Result<PictureHeader>> {
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

/** All pictures as pixels. What our readers or our colour cannot do, oiiotool does first. */
async function draw(work: FrameWork): Promise<Result<Drawn>> {
  const { engine, plan, job, header, route } = work
  const bundled = engine.setup.bundled.path
  const linear = await linearised(work)
  if (!linear.ok) return linear
  const input = linear.value
  const looks = await engine.luts.ready(looksOf(plan, input, bundled), lutBakerOf(work))
  if (!looks.ok) return looks
  const pixels = pixelPlan(plan, { input: input ?? LINEAR_REC709, looks: looks.value.looks })
  if (pixels === null) throw new Error("The samples are linear, yet there is no plan for them.")
  if (route.reader !== "converted" && input !== null) {
    const source: OwnSource = { sourceFile: job.sourceFile, header, selection: plan.selection, reader: route.reader }
    const answer = await inProcess(work, source, pixels)
    const { name } = route
    if (answer.ok)
      return done({ answer: answer.value, route: name, usedOiiotool: false, looks: looks.value.says, timingsMs: {} })
    if (!isForTool(route, answer.failure)) return answer
  }
  const drawn = await drawConverted(work, pixels, input === null)
  return drawn.ok ? done({ ...drawn.value, looks: looks.value.says }) : drawn
}

/** The library is there, but could not be loaded where the file was to be read. */
const isForTool = ({ reader }: Route, { code }: Failure): boolean => reader !== "dpx" && code === "tool/missing"

/** How the samples become linear Rec.709: a formula of ours, one that a space of another config turns out to have, or null. */
async function linearised(work: FrameWork): Promise<Result<InputTransform | null>> {
  const { engine, plan } = work
  const { config, space, linearSpace } = plan.input
  const ours = inputOf(plan, engine.setup.bundled.path)
  // A profile's own config serves this job alone: there is nothing to find out about it for others.
  if (ours !== null || config.path === engine.setup.bundled.path || space === ICC_SPACE) return done(ours)
  return engine.spaces(space, () => probeInput({ configPath: config.path, space, linearSpace }, lutBakerOf(work)))
}

/** `linear`: OCIO makes the samples linear, since we have no formula for their space. */
async function drawConverted(
  work: FrameWork,
  pixels: PixelPlan,
  linear: boolean,
): Promise<Result<Omit<Drawn, "looks">>> {
  const { engine, route } = work
  const begunMs = systemClock.steadyMs()
  const scratch = await engine.scratch()
  return withConverted({ ...work, headerLimits: engine.headerLimits, scratch, linear }, async (converted) => {
    const convertMs = systemClock.steadyMs() - begunMs
    const answer = await inProcess(work, converted.source, pixels)
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

function inProcess(work: FrameWork, source: OwnSource, plan: PixelPlan): Promise<Result<RenderAnswer>> {
  const { engine, limits, job } = work
  const { settings, frameRate, timecode } = work.plan
  const outputs = plannedOutputs(work.plan).map((output) => ({ output, plan: { settings, frameRate, timecode } }))
  return engine.processes.render({ ...source, plan, outputs }, { timeoutMs: limits.timeoutMs, signal: job.signal })
}

const convertedName = ({ name }: Route, byColour: boolean): string => {
  const kind = name.slice(name.indexOf("/") + 1)
  return byColour ? `converted/${kind}-colour` : `converted/${kind}`
}
