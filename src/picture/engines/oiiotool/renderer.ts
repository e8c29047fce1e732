import { availableParallelism } from "node:os"
import { done, type Result } from "../../../events/result.ts"
import { limitsFor, sizeOf, workOf } from "../../cost.ts"
import { openPassPainter, type PassPainter, withPass } from "../../data-passes/with-pass.ts"
import type { PictureEngine, Rendered, RenderJob } from "../../index.ts"
import { DEFAULT_LIMITS, type HeaderLimits } from "../../read/header/limits.ts"
import { withIccInput } from "../icc-input.ts"
import { type LightMeter, openLightMeter } from "../in-process/second-look.ts"
import { openSetup, planFor, type Setup, type SetupOptions, whatIsMissing } from "../setup.ts"
import { preparedJob } from "./prepared-job.ts"
import { renderPlan } from "./render.ts"

/** The rendering half of an engine: needs a Reading, makes none. */
export type Renderer = Pick<PictureEngine, "configHash" | "render" | "missing"> & {
  /** The OCIO config is the bundled one. */
  readonly isBundled: boolean
}

/** Renders on oiiotool and ffmpeg. Fails: config/invalid when the OCIO config cannot be read or is none. */
export async function openRenderer(
  options: SetupOptions = {},
  headerLimits: HeaderLimits = DEFAULT_LIMITS,
): Promise<Result<Renderer>> {
  const setup = await openSetup(options)
  if (!setup.ok) return setup
  const [lightMeter, painter] = [openLightMeter(), openPassPainter(availableParallelism())]
  return done({
    configHash: setup.value.configHash,
    isBundled: setup.value.config.path === setup.value.bundled.path,
    render: (job) => render({ setup: setup.value, headerLimits, lightMeter, painter }, job),
    missing: () => whatIsMissing(setup.value),
  })
}

type Means = {
  readonly setup: Setup
  readonly headerLimits: HeaderLimits
  readonly lightMeter: LightMeter
  readonly painter: PassPainter
}

async function render(means: Means, asked: RenderJob): Promise<Result<Rendered>> {
  const passed = await withPass(asked, means)
  if (!passed.ok) return passed
  const rendered = await renderPicture(means, passed.value.job)
  return rendered.ok ? done(passed.value.told(rendered.value)) : rendered
}

async function renderPicture({ setup, headerLimits, lightMeter }: Means, asked: RenderJob): Promise<Result<Rendered>> {
  const converted = await preparedJob(asked, setup)
  if (!converted.ok) return converted
  const job = converted.value
  const plan = planFor(setup, job)
  if (!plan.ok) return plan
  const usable = await setup.usable(plan.value.look)
  if (!usable.ok) return usable
  const tools = await setup.tools()
  if (!tools.ok) return tools
  const coloured = await withIccInput(plan.value, { job, bundled: setup.bundled, headerLimits })
  if (!coloured.ok) return coloured
  const limits = limitsFor(setup.limits, workOf(plan.value.selection, await sizeOf(job)))
  const means = { guards: setup.guards, limits, tools: tools.value, lightMeter, bundledConfigPath: setup.bundled.path }
  return renderPlan(coloured.value, job, means)
}
