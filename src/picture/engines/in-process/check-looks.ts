import { outputsOf } from "../../../element/profiles.ts"
import { done, type Result } from "../../../events/result.ts"
import type { LookFile } from "../../looks/look.ts"
import type { Reading, RenderSettings } from "../../model.ts"
import type { LookError } from "../../pixels/bake.ts"
import { inputOf, looksOf, type OutputLook } from "../../pixels/plan.ts"
import type { Tools } from "../../tools/tool-context.ts"
import { openSetup, planFor, type Setup, type SetupOptions } from "../setup.ts"
import { type LutCache, lutBakerOf, openLutCache } from "./lut-cache.ts"

/** How one output shows one look. */
export type LookReport = {
  readonly look: string
  /** Name of the output. */
  readonly output: string
  /** `exact` for a matrix and a curve, `table` for a baked one. */
  readonly way: "exact" | "table"
  /** Distance from the config's own, in parts of 1; null where nothing was measured, since formula and config are ours. */
  readonly error: LookError | null
}

export type LooksCheck = {
  readonly setup: SetupOptions
  readonly settings: RenderSettings
  /** Names of the views, each once. */
  readonly looks: readonly string[]
  /** Look files, each with the view that comes after it; absent for none. */
  readonly lookFiles?: readonly { readonly file: LookFile; readonly look: string }[]
  readonly looksFolder: string | null
}

/**
 * How the in-process engine shows each look of scene-linear sources, measured against OCIO where it is a table.
 * Fails: config/invalid, tool/*, scratch/full.
 */
export async function checkLooks({
  setup: options,
  settings,
  looks,
  lookFiles = [],
  looksFolder,
}: LooksCheck): Promise<Result<readonly LookReport[]>> {
  const setup = await openSetup(options)
  if (!setup.ok) return setup
  const tools = await setup.value.tools()
  if (!tools.ok) return tools
  const luts = openLutCache({ configHash: setup.value.configHash, folder: looksFolder })
  const reports: LookReport[] = []
  const plain = looks.map((look) => ({ look, title: look, settings }))
  const filed = lookFiles.map(({ file, look }) => ({
    look,
    title: `${file.name}, ${look}`,
    settings: { ...settings, colour: { ...settings.colour, lookFile: file } },
  }))
  for (const asked of [...plain, ...filed]) {
    const reported = await reportsOf(asked, { setup: setup.value, tools: tools.value, luts })
    if (!reported.ok) return reported
    reports.push(...reported.value)
  }
  return done(reports)
}

type CheckMeans = { readonly setup: Setup; readonly tools: Tools; readonly luts: LutCache }

type LookCheck = { readonly look: string; readonly title: string; readonly settings: RenderSettings }

async function reportsOf(
  { look, title, settings }: LookCheck,
  { setup, tools, luts }: CheckMeans,
): Promise<Result<readonly LookReport[]>> {
  const plan = planFor(setup, { reading: anyPicture(look), settings })
  if (!plan.ok) return plan
  const requests = looksOf(plan.value, inputOf(plan.value, setup.bundled.path), setup.bundled.path)
  const reports: LookReport[] = []
  for (const { name: output } of outputsOf(settings)) {
    const request = requests[output]
    if (request === undefined) continue
    const shown = await wayOf(request, { setup, tools, luts })
    if (!shown.ok) return shown
    reports.push({ look: title, output, ...shown.value })
  }
  return done(reports)
}

async function wayOf(
  request: OutputLook,
  { setup, tools, luts }: CheckMeans,
): Promise<Result<Pick<LookReport, "way" | "error">>> {
  if (request.kind === "curve") return done({ way: "exact", error: null })
  const baked = await luts.baked(request, lutBakerOf({ ...setup, tools }))
  if (!baked.ok) return baked
  const { look, error } = baked.value
  return done({ way: look.kind === "curve" ? "exact" : "table", error })
}

const ONE_PIXEL = { xMin: 0, yMin: 0, xMax: 0, yMax: 0 }

/** A scene-linear source: what a look does is the same for all of them. */
const anyPicture = (look: string): Reading => ({
  warnings: [],
  selection: {
    format: "exr",
    compression: "none",
    part: 0,
    partName: null,
    view: null,
    layer: null,
    channels: ["R", "G", "B"],
    reason: "",
    deep: false,
    tiled: false,
    displayWindow: ONE_PIXEL,
    dataWindow: ONE_PIXEL,
    pixelAspect: 1,
    orientation: 1,
    frameRate: null,
    timecode: null,
  },
  colorspace: {
    name: "lin_rec709",
    configSpace: "lin_rec709",
    encoding: "scene-linear",
    matrix: [],
    rule: "default",
    evidence: "",
    look,
    configHash: "",
  },
})
