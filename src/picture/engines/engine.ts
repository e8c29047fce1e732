import { hash } from "node:crypto"
import { byProfile, THUMBNAIL } from "../../element/profiles.ts"
import { done, type Result } from "../../events/result.ts"
import { costOf, limitsFor, sizeOf } from "../cost.ts"
import { withPass } from "../data-passes/with-pass.ts"
import { openEarlierOutputsCheck } from "../earlier-outputs.ts"
import { type EncodedFile, encodeFrames } from "../encode/index.ts"
import type { DecodedFrame, FrameOrder, FrameSource, PictureEngine } from "../index.ts"
import type { Rendered, RenderJob } from "../model.ts"
import { DEFAULT_LIMITS, type HeaderLimits } from "../read/header/limits.ts"
import { decideReading, readLocalHeader } from "../read/reading.ts"
import { toolRunner } from "../tools/tool-context.ts"
import { withIccInput } from "./icc-input.ts"
import { movieDrawing, soundEncoder } from "./movie-means.ts"
import { plannedOutputs } from "./plan.ts"
import { preparedJob } from "./prepared-source.ts"
import {
  type EngineProcesses,
  type EngineProcessesOptions,
  openEngineProcesses,
  type RenderProcesses,
} from "./render-processes.ts"
import { openSetup, planFor, type Setup, type SetupOptions } from "./setup.ts"

export type EngineOptions = SetupOptions &
  Omit<EngineProcessesOptions, "memoryLimitBytes"> & {
    /** What a header may ask for before any decoder starts. */
    readonly headerLimits?: HeaderLimits
    /** Processes that were opened before, and are this engine's from now on; absent to open some. */
    readonly opened?: EngineProcesses | null
  }

/** What every engine stands on, whoever decodes. */
export type EngineBase = {
  readonly setup: Setup
  readonly headerLimits: HeaderLimits
  /** Read what nobody trusts: they paint passes of data, look at black pictures once more, and render in process. */
  readonly processes: RenderProcesses
  /** Whether there is a native library, which render processes then load. */
  readonly hasLibrary: boolean
}

/** In what engines differ. */
export type EngineParts = {
  readonly recipe: number
  /** Whether it reads subsampled channels and luminance with chroma itself. */
  readonly ownReaders: boolean
  readonly frames: FrameSource
  readonly missing: PictureEngine["missing"]
}

/**
 * An engine of the three ports: the header readers of our own, a source of frames, and the encoders.
 * Fails: config/invalid when the OCIO config cannot be read or is none.
 */
export async function openEngine(
  options: EngineOptions,
  partsOf: (base: EngineBase) => EngineParts,
): Promise<Result<PictureEngine>> {
  const opened = await openSetup(options)
  if (!opened.ok) return opened
  const [setup, limits] = [opened.value, options.headerLimits ?? DEFAULT_LIMITS]
  const { configHash, config, bundled } = setup
  const { memoryLimitBytes } = setup.limits
  const processes = options.opened ?? (await openEngineProcesses({ ...options, memoryLimitBytes }))
  const base = { setup, headerLimits: limits, processes, hasLibrary: processes.hasLibrary }
  const { recipe, ownReaders, frames, missing } = partsOf(base)
  return done({
    recipe,
    configHash,
    earlierOutputsHold: openEarlierOutputsCheck({
      recipe,
      configHash,
      isBundled: config.path === bundled.path,
      limits,
      ownReaders,
    }),
    read: ({ sourceFile, ...request }) =>
      readLocalHeader(
        sourceFile,
        (file) => decideReading(file, { ...request, configHash, limits, ownReaders }),
        limits,
      ),
    render: (job) => render({ ...base, frames }, job),
    missing,
    // oiiotool renders in processes of its own, one a frame.
    begin: (pictures) => (ownReaders ? processes.begin(pictures) : undefined),
    drawing: movieDrawing(base),
    encodeSound: soundEncoder(base),
    close: processes.close,
    nativeParts: () => processes.library({ timeoutMs: setup.limits.timeoutMs, signal: new AbortController().signal }),
  })
}

type RenderMeans = EngineBase & { readonly frames: FrameSource }

async function render(means: RenderMeans, asked: RenderJob): Promise<Result<Rendered>> {
  const passed = await withPass(asked, means)
  if (!passed.ok) return passed
  const prepared = await preparedJob(passed.value.job, means.setup)
  if (!prepared.ok) return prepared
  const order = await orderFor(prepared.value, means)
  if (!order.ok) return order
  const rendered = await made(order.value, means.frames)
  return rendered.ok ? done(passed.value.describe(rendered.value)) : rendered
}

async function orderFor(job: RenderJob, { setup, headerLimits }: RenderMeans): Promise<Result<FrameOrder>> {
  const plan = planFor(setup, job)
  if (!plan.ok) return plan
  const usable = await setup.usable(plan.value.look)
  if (!usable.ok) return usable
  const tools = await setup.tools()
  if (!tools.ok) return tools
  const coloured = await withIccInput(plan.value, { job, bundled: setup.bundled, headerLimits })
  if (!coloured.ok) return coloured
  const limits = limitsFor(setup.limits, costOf(plan.value.selection, await sizeOf(job)))
  return done({ job, plan: coloured.value, tools: tools.value, limits, guards: setup.guards })
}

/** Frames → files: each output is encoded by itself, all at the same time. */
async function made(order: FrameOrder, source: FrameSource): Promise<Result<Rendered>> {
  const { plan, job, tools } = order
  const decoded: DecodedFrame[] = []
  for await (const frame of source.frames(order)) {
    if (!frame.ok) return frame
    decoded.push(frame.value)
  }
  const means = { folder: job.folder, tools, run: toolRunner(order, job) }
  const encoded = await Promise.all(
    plannedOutputs(plan).map(async (output) => {
      const frames = decoded.flatMap(({ pixels }) => pixels[output.name] ?? [])
      return { name: output.name, file: await encodeFrames({ output, plan, frames }, means) }
    }),
  )
  const files: (readonly [string, EncodedFile])[] = []
  for (const { name, file } of encoded) {
    if (!file.ok) return file
    files.push([name, file.value])
  }
  const [first] = decoded
  if (first === undefined) throw new Error("A source of frames gave none.")
  return done(renderedOf(first, files))
}

function renderedOf(
  { pixels: _, looks, timingsMs, toolVersions, ...decoded }: DecodedFrame,
  files: readonly (readonly [name: string, encoded: EncodedFile])[],
): Rendered {
  const encodedMs: Record<string, number> = {}
  const encoders: Record<string, string> = {}
  for (const [, file] of files) {
    Object.assign(encoders, file.toolVersions)
    for (const [stage, ms] of Object.entries(file.timingsMs)) encodedMs[stage] = (encodedMs[stage] ?? 0) + ms
  }
  const thumbnail = files.find(([name]) => name === THUMBNAIL.name)?.[1].bytes ?? new Uint8Array()
  return {
    ...decoded,
    thumbnailHash: hash("sha256", thumbnail).slice(0, 32),
    files: byProfile(files.map(([name, { file }]) => [name, file])),
    toolVersions: { ...toolVersions, ...encoders, ...looks },
    timingsMs: rounded({ ...timingsMs, ...encodedMs }),
  }
}

const rounded = (timings: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(timings).map(([stage, ms]) => [stage, Math.round(ms)]))
