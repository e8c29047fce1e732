import { availableParallelism } from "node:os"
import { extname } from "node:path"
import { done, type Result } from "../../../events/result.ts"
import { onceEach } from "../../../system/once-each.ts"
import { openPassPainter, withPass } from "../../data-passes/with-pass.ts"
import { openEarlierOutputsCheck } from "../../earlier-outputs.ts"
import { libvipsVersion } from "../../encode/jpeg.ts"
import type { PictureEngine, Scratch } from "../../index.ts"
import { decideReading } from "../../read/decide-reading.ts"
import { DEFAULT_LIMITS, type HeaderLimits } from "../../read/header/limits.ts"
import { readLocalHeader } from "../../read/local-file.ts"
import { RECIPES } from "../../recipes.ts"
import { openScratch, scratchPlaces } from "../../scratch.ts"
import { withIccInput } from "../icc-input.ts"
import { preparedJob } from "../oiiotool/prepared-job.ts"
import { openSetup, planFor, type SetupOptions, whatIsMissing } from "../setup.ts"
import { openLookShelf } from "./ready-looks.ts"
import { type Engine, renderInProcess } from "./render.ts"
import type { RenderAnswer, RenderOrder } from "./render-order.ts"
import { openLightMeter } from "./second-look.ts"
import { openThreads } from "./threads.ts"

export type InProcessOptions = SetupOptions & {
  /** What a header may ask for before any decoder starts. */
  readonly headerLimits?: HeaderLimits
  /** Pictures at once, a thread each; absent for the number of cores. */
  readonly threads?: number
  /** Room for what oiiotool converts, asked for at the first need; absent for {@link scratchPlaces}' default. */
  readonly scratch?: () => Promise<Scratch>
  /** Folder where looks that are tables outlive the process; null or absent to bake them anew in each. */
  readonly looksFolder?: string | null
  /** Module that a thread runs; absent for the readers and pixels of this engine. Tests plant wrong readers with it. */
  readonly renderThread?: URL
}

/** Of JavaScript objects; pixels lie outside it, and the readers bound them. */
const HEAP_BYTES = 256 * 2 ** 20

/**
 * The engine in this process: readers and pixels of our own in worker threads, ffmpeg for the movie, sharp for the
 * thumbnail, oiiotool for what we do not read. Fails: config/invalid when the OCIO config cannot be read or is none.
 */
export async function openInProcessEngine(options: InProcessOptions = {}): Promise<Result<PictureEngine>> {
  const setup = await openSetup(options)
  if (!setup.ok) return setup
  const { configHash, config, bundled } = setup.value
  const recipe = RECIPES.inProcess
  const isBundled = config.path === bundled.path
  const headerLimits = options.headerLimits ?? DEFAULT_LIMITS
  const engine: Engine = {
    setup: setup.value,
    headerLimits,
    threads: openThreads<RenderOrder, RenderAnswer>({
      most: options.threads ?? availableParallelism(),
      entry: options.renderThread ?? THREAD,
      heapBytes: HEAP_BYTES,
    }),
    looks: openLookShelf({ configHash, folder: options.looksFolder ?? null }),
    spaces: onceEach(),
    lightMeter: openLightMeter(),
    scratch: options.scratch ?? once(() => openScratch(scratchPlaces(null))),
  }
  const painter = openPassPainter(options.threads ?? availableParallelism())
  return done({
    recipe,
    configHash,
    earlierOutputsHold: openEarlierOutputsCheck({
      recipe,
      configHash,
      isBundled,
      limits: headerLimits,
      ownReaders: true,
    }),
    read: (request) =>
      readLocalHeader(
        request.sourceFile,
        (file) => decideReading(file, { ...request, configHash, limits: headerLimits, ownReaders: true }),
        headerLimits,
      ),
    render: async (asked) => {
      const passed = await withPass(asked, { setup: setup.value, headerLimits, painter })
      if (!passed.ok) return passed
      const converted = await preparedJob(passed.value.job, setup.value)
      if (!converted.ok) return converted
      const job = converted.value
      const plan = planFor(setup.value, job)
      if (!plan.ok) return plan
      const usable = await setup.value.usable(plan.value.look)
      if (!usable.ok) return usable
      const coloured = await withIccInput(plan.value, { job, bundled: setup.value.bundled, headerLimits })
      if (!coloured.ok) return coloured
      const rendered = await renderInProcess(engine, job, coloured.value)
      return rendered.ok ? done(passed.value.told(rendered.value)) : rendered
    },
    async missing() {
      const [tools, libvips] = [await whatIsMissing(setup.value), await libvipsVersion()]
      return libvips.ok ? tools : [...tools, libvips.failure]
    },
  })
}

/** From the sources as from dist/. */
const THREAD = new URL(`./render-thread${extname(import.meta.url)}`, import.meta.url)

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return () => {
    made ??= make()
    return made
  }
}
