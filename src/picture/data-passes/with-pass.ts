import { open } from "node:fs/promises"
import { join } from "node:path"
import { done, failed, type Result } from "../../events/result.ts"
import { systemClock } from "../../system/clock.ts"
import { costOf, limitsFor, sizeOf } from "../cost.ts"
import { toldChannels } from "../engines/oiiotool/channel-numbers.ts"
import { planeName, planesArgs } from "../engines/oiiotool/convert-args.ts"
import { linkedSource } from "../engines/prepared-source.ts"
import type { RenderProcesses } from "../engines/render-processes.ts"
import { planFor, type Setup } from "../engines/setup.ts"
import type { DataPass, Reading, Rendered, RenderJob } from "../model.ts"
import type { HeaderLimits } from "../read/header/limits.ts"
import { type HeaderPart, type PictureHeader, pixelTypeOf } from "../read/header/model.ts"
import { readHeader } from "../read/header/read.ts"
import { readLocalHeader } from "../read/reading.ts"
import { isData } from "../read/select/candidates.ts"
import { isOwnExr } from "../read/select/exr.ts"
import { onScratch } from "../scratch.ts"
import { toolRunner } from "../tools/tool-context.ts"
import { isReadDeepPass, type PassOrder } from "./pass-order.ts"

type PassContext = { readonly setup: Setup; readonly headerLimits: HeaderLimits; readonly processes: RenderProcesses }

/** A job whose source is a picture, and what makes its result name the pass that the picture was painted from. */
export type PassJob = { readonly job: RenderJob; readonly describe: (rendered: Rendered) => Rendered }

const [PLANES, PAINTED] = ["planes.exr", "pass.exr"]

/**
 * The job of a file that shows a pass of data: the pass is painted into an EXR in the job's folder, and that is rendered
 * like any display-referred picture, by either engine; any other job stays as it is.
 * Fails: picture/*, tool/*, scratch/full, stopped.
 */
export async function withPass(asked: RenderJob, means: PassContext): Promise<Result<PassJob>> {
  const { pass, ...reading } = asked.reading
  if (pass === undefined) return done({ job: asked, describe: (rendered) => rendered })
  const job = isData(pass) ? withoutLook(asked) : asked
  const { setup, processes } = means
  const { selection } = reading
  const begunMs = systemClock.steadyMs()
  const source = await readable({ ...job, reading }, pass, means)
  if (!source.ok) return source
  const { timeoutMs } = limitsFor(setup.limits, costOf(selection, await sizeOf(job)))
  const painted = join(job.folder, PAINTED)
  const order = { ...source.value.planes, displayWindow: selection.displayWindow }
  const answer = await intoFile(painted, (take) => processes.paint(order, { timeoutMs, signal: job.signal, take }))
  if (!answer.ok) return answer
  const { channels, says } = answer.value
  const warnings = [...reading.warnings, ...says]
  if (channels === null)
    return done({ job: { ...job, reading: { ...reading, warnings } }, describe: (rendered) => rendered })
  const shown = {
    ...job,
    sourceFile: painted,
    reading: { ...paintedReading(reading, shownOf(pass, reading, channels)), warnings },
  }
  const ms = Math.round(systemClock.steadyMs() - begunMs)
  return done({ job: shown, describe: describedAs(pass, { oiiotool: source.value.oiiotool, ms }) })
}

/**
 * Writes what `use` is given piece by piece: a render process may write nothing itself. Fails like `use`, and: scratch/full,
 * once `use` is done.
 */
async function intoFile<T>(
  path: string,
  use: (take: (bytes: Uint8Array) => Promise<void>) => Promise<Result<T>>,
): Promise<Result<T>> {
  return onScratch(async () => {
    const file = await open(path, "w")
    try {
      let trouble: Result<void> = done(undefined)
      const used = await use(async (bytes) => {
        if (trouble.ok) trouble = await onScratch(async () => done(await file.writeFile(bytes)))
      })
      return trouble.ok ? used : trouble
    } finally {
      await file.close()
    }
  })
}

/** No look corrects data, not even one that works in the codes of a display. */
function withoutLook(job: RenderJob): RenderJob {
  const { lookFile: _, ...colour } = job.settings.colour
  return { ...job, settings: { ...job.settings, colour } }
}

/** Lab was converted to R, G, B, of which the settings may have chosen one. */
const shownOf = ({ kind }: DataPass, { selection }: Reading, painted: readonly string[]): readonly string[] =>
  kind === "lab" ? selection.channels : painted

function paintedReading({ selection, ...reading }: Reading, channels: readonly string[]): Reading {
  const [first = "", second = first, third = second] = channels
  const stored = { format: "exr", part: 0, partName: null, compression: "none", deep: false, tiled: false }
  return { ...reading, selection: { ...selection, ...stored, channels: [first, second, third] } }
}

/** Adds to a result the pass's route (`in-process/pass-depth`), the tool that read it, and the time of painting, ms. */
const describedAs =
  ({ kind }: DataPass, { oiiotool, ms }: { readonly oiiotool: string | null; readonly ms: number }) =>
  (rendered: Rendered): Rendered => {
    const [engine = ""] = rendered.route.split("/")
    const way = engine === "in-process" && oiiotool !== null ? "converted" : engine
    const toolVersions = oiiotool === null ? rendered.toolVersions : { oiiotool, ...rendered.toolVersions }
    const timingsMs = { pass: ms, ...rendered.timingsMs }
    return { ...rendered, route: `${way}/pass-${kind}`, toolVersions, timingsMs }
  }

type ReadablePass = {
  readonly planes: Pick<PassOrder, "sourceFile" | "header" | "part" | "pass">
  /** Version of oiiotool where it wrote them; null where our reader reads the source. */
  readonly oiiotool: string | null
}

/** The pass in a file that our reader reads: the source, or what oiiotool writes of it. */
async function readable(job: RenderJob, pass: DataPass, means: PassContext): Promise<Result<ReadablePass>> {
  const { sourceFile, reading } = job
  const { part, format } = reading.selection
  const header = await headerOf(sourceFile, format, means)
  if (!header.ok) return header
  const stored = header.value.parts[part]
  const isOurs =
    format === "dpx" ||
    (format === "exr" && (stored?.deep === true ? isReadDeepPass(stored, pass) : isFlatOurs(stored, pass)))
  if (isOurs) return done({ planes: { sourceFile, header: header.value, part, pass }, oiiotool: null })
  return converted(job, { pass, header: header.value }, means)
}

const isFlatOurs = (part: HeaderPart | undefined, { channels }: DataPass): boolean =>
  part !== undefined && isOwnExr(part, channels)

const headerOf = (
  path: string,
  format: string,
  { headerLimits }: Pick<PassContext, "headerLimits">,
): Promise<Result<PictureHeader>> =>
  readLocalHeader(path, (file) => readHeader(file, `pass.${format}`, headerLimits), headerLimits)

async function converted(
  job: RenderJob,
  { pass, header }: { readonly pass: DataPass; readonly header: PictureHeader },
  means: PassContext,
): Promise<Result<ReadablePass>> {
  const { setup } = means
  const tools = await setup.tools()
  if (!tools.ok) return tools
  const { selection } = job.reading
  const plan = planFor(setup, { ...job, reading: { ...job.reading, selection: { ...selection, channels: THREE } } })
  if (!plan.ok) return plan
  const source = await linkedSource(job)
  if (!source.ok) return source
  const { guards } = setup
  const run = toolRunner({ guards, limits: limitsFor(setup.limits, costOf(selection, await sizeOf(job))) }, job)
  const channels = [...new Set(pass.channels)]
  const ofPass = { ...plan.value, selection: { ...selection, channels } }
  const told = await toldChannels(ofPass, source.value, (args) => run(tools.value.oiiotool, args))
  if (!told.ok) return told
  const samples = samplesOf(header, selection.part, channels)
  const written = await run(
    tools.value.oiiotool,
    planesArgs(told.value, { source: source.value, written: PLANES, samples, isAsStored: pass.kind === "lab" }),
  )
  if (!written.ok) return written
  const sourceFile = join(job.folder, PLANES)
  const planes = await headerOf(sourceFile, "exr", means)
  if (!planes.ok) return failed(planes.failure)
  const renamed = { ...pass, channels: pass.channels.map((name) => planeName(channels.indexOf(name))) }
  const { text } = tools.value.oiiotool.version
  return done({ planes: { sourceFile, header: planes.value, part: 0, pass: renamed }, oiiotool: text })
}

/** The plan is asked only how the part is read; its channels do not matter, but there must be three. */
const THREE = ["R", "G", "B"]

function samplesOf({ parts }: PictureHeader, part: number, channels: readonly string[]): "uint32" | "float" {
  const types = channels.map((name) => pixelTypeOf(parts[part], name))
  return types.every((type) => type === "uint") ? "uint32" : "float"
}
