import { randomInt } from "node:crypto"
import { existsSync } from "node:fs"
import { join } from "node:path"
import type { FlowPorts, Policy, RendererPorts } from "../../topology/ports.ts"
import { colourProblem } from "../config/colour-rules.ts"
import type { Config, Environment } from "../config/index.ts"
import { renderSettingsFor } from "../config/render-settings.ts"
import { asksForReviews, reviewFor } from "../config/review-rules.ts"
import { sequenceRuleFor } from "../config/sequence-rules.ts"
import { statedOf } from "../config/stated-sequences.ts"
import { endingsOf } from "../config/table-folder.ts"
import { mirroredBelow, type OutputsBase } from "../element/output-places.ts"
import { sequenceKeyOf } from "../events/fact.ts"
import type { Result } from "../events/result.ts"
import { openMovieMaker } from "../picture/encode/stitch/movie-file.ts"
import type { SetupOptions } from "../picture/engines/setup.ts"
import type { PictureEngine, ReviewMaker, Scratch } from "../picture/index.ts"
import { type LookBytes, openLookBytes } from "../picture/looks/look.ts"
import { DEFAULT_LIMITS, type HeaderLimits } from "../picture/read/header/limits.ts"
import { openScratch, scratchPlaces } from "../picture/scratch.ts"
import { type KeptAnswers, keepsNoAnswers, openKeptAnswers } from "../picture/tools/kept-answers.ts"
import type { ObjectRef, ObjectStore } from "../store/index.ts"
import type { Clock } from "../system/clock.ts"
import { openForeground } from "../system/foreground.ts"
import { type BegunRenders, processesOf } from "./begin-renders.ts"
import type { Sequences } from "./roles.ts"
import { userCacheFolder } from "./state-folder.ts"
import { generatorVersion } from "./version.ts"

/** What rendering takes of one machine, whichever the deployment: tools, temporary files, limits, how much is under way. */

/** Where tools are looked for. */
export type ToolSurroundings = { readonly env: Environment }

/** What a header may ask for, whoever reads it. */
export const headerLimitsOf = (config: Config): HeaderLimits => ({
  ...DEFAULT_LIMITS,
  sidePixels: config.maxEdgePx,
  areaPixels: config.maxMegapixels * 1e6,
})

/** Room for temporary files, opened at the first need and shared by all who ask: each counts what the others hold. */
export function temporaryFiles({ scratchDir }: Config): () => Promise<Scratch> {
  let opened: Promise<Scratch> | null = null
  return () => {
    opened ??= openScratch(scratchPlaces(scratchDir))
    return opened
  }
}

/** The tools of the settings, and what they may use. */
export const toolOptions = (config: Config, { env }: ToolSurroundings): SetupOptions => ({
  oiiotool: config.oiiotoolPath,
  ffmpeg: config.ffmpegPath,
  ocioConfigPath: config.ocioConfigPath,
  limits: { timeoutMs: config.toolTimeoutSeconds * 1000, memoryLimitBytes: config.toolMemoryBytes },
  ...(env.PATH === undefined ? {} : { searchPath: env.PATH }),
  toolsHome: userCacheFolder(env),
  colourProblem: (names) => colourProblem(config, names),
  looks: config.colourRules.flatMap(({ lookFile }) => lookFile?.read ?? []),
})

/** Where baked looks outlive a process: with the state, where there is one. */
export const looksFolderOf = ({ stateDir }: Config): string | null =>
  existsSync(stateDir) ? join(stateDir, "looks") : null

const keptAnswersOf = (env: Environment): KeptAnswers => {
  const folder = userCacheFolder(env)
  return folder === null ? keepsNoAnswers : openKeptAnswers(join(folder, "tools"))
}

/** What an engine shares with the rest of a process. */
type PictureMeans = {
  readonly scratch?: () => Promise<Scratch>
  readonly heldLooks?: LookBytes
  /** Whether the tools are asked who they are and what they can, whatever they answered before. */
  readonly asksTools?: boolean
  /** Render processes that were begun before; absent or null to open some. */
  readonly begun?: BegunRenders | null
}

type Beside = { readonly store: ObjectStore; readonly clock: Clock; readonly heldLooks: LookBytes }

/** Finds look files beside frames, where the settings ask for it. */
export async function looksBesideOf(
  { looksBeside }: Config,
  { store, clock, heldLooks: held }: Beside,
): Promise<Pick<RendererPorts, "looksBeside">> {
  if (!looksBeside) return {}
  const { openLooksBeside } = await import("../element/looks-beside.ts")
  return { looksBeside: openLooksBeside({ store, clock, held }) }
}

/** The engine that the settings name. */
export async function openPicture(
  { config }: { readonly config: Config },
  { env }: ToolSurroundings,
  { scratch = temporaryFiles(config), heldLooks = openLookBytes(), asksTools = false, begun = null }: PictureMeans = {},
): Promise<Result<PictureEngine>> {
  const answers = asksTools ? keepsNoAnswers : keptAnswersOf(env)
  const options = { ...toolOptions(config, { env }), headerLimits: headerLimitsOf(config), heldLooks, answers }
  const processes = processesOf(config)
  if (config.engine === "oiiotool")
    return (await import("../picture/engines/oiiotool/engine.ts")).openOiiotoolEngine({ ...options, processes })
  const { openInProcessEngine } = await import("../picture/engines/in-process/engine.ts")
  return openInProcessEngine({ ...options, processes, opened: begun, scratch, looksFolder: looksFolderOf(config) })
}

/** Settings of one object's pictures. */
export const settingsOf =
  (config: Config): RendererPorts["settingsFor"] =>
  ({ bucket, key }: ObjectRef) =>
    renderSettingsFor(config, bucket, key)

/** Review copies, where the settings ask for any: the first one looks for ffmpeg. */
function reviewsOf(config: Config, { env }: ToolSurroundings): Sequences["reviews"] {
  if (!asksForReviews(config)) return null
  const { limits, ffmpeg = null, searchPath = "", toolsHome = null } = toolOptions(config, { env })
  const options = { ffmpeg, searchPath, toolsHome, ...(limits && { limits }), answers: keptAnswersOf(env) }
  let maker: Promise<ReviewMaker> | null = null
  const opened = (): Promise<ReviewMaker> => {
    maker ??= import("../picture/review/review-file.ts").then(({ openReviewMaker }) => openReviewMaker(options))
    return maker
  }
  return {
    reviews: { make: async (job) => (await opened()).make(job) },
    reviewFor: (sequence) => reviewFor(config, sequence.bucket, sequenceKeyOf(sequence)),
  }
}

/** Room for what is known of some hundred shots; of those that nothing happened to for the longest it is on disk. */
const SEQUENCES_BYTES = 32 * 2 ** 20

/** Sequences and their movies, by the settings. */
export const sequencesOf = (config: Config, picture: PictureEngine, surroundings: ToolSurroundings): Sequences => ({
  reviews: reviewsOf(config, surroundings),
  sequenceRuleFor: sequenceRuleFor(config.sequenceRules),
  posterFor: ({ bucket, key }) => statedOf(config.sequenceStated, bucket, key).poster ?? "middle",
  soundsByRule: new Set(config.sequenceStated.flatMap(({ says }) => says.sound ?? [])),
  soundFor: ({ bucket, key }) => {
    const { sound } = statedOf(config.sequenceStated, bucket, key)
    return sound === "none" ? null : sound
  },
  movies: openMovieMaker(picture),
  spill: { folder: scratchPlaces(config.scratchDir).root, mostBytes: SEQUENCES_BYTES },
  settling: {
    quietMs: config.sequenceQuietSeconds * 1000,
    rulesFor: (sequence) => {
      const { sequenceStated, sequenceGaps, defaultFrameRate } = config
      const stated = statedOf(sequenceStated, sequence.bucket, sequenceKeyOf(sequence))
      return {
        gaps: stated.gaps ?? sequenceGaps,
        frames: stated.frames ?? null,
        firstFrame: stated.firstFrame ?? null,
        rate: stated.rate ?? defaultFrameRate,
      }
    },
  },
})

/** Headers wait for the store most of the time: more at once only take memory. */
const INSPECTIONS_IN_FLIGHT = 16

/** How much is under way at once on one machine. */
export const policyOf = (config: Config): Policy => ({
  credits: Math.max(64, 16 * config.rendersInFlight),
  lookAhead: config.lookAhead,
  rendersInFlight: config.rendersInFlight,
  // Under render, being stored, and fetched ahead, so that a core that has finished finds its next frame there.
  sourcesHeld: 3 * config.rendersInFlight,
  inspectionsInFlight: INSPECTIONS_IN_FLIGHT,
  mostAttempts: config.attempts,
  backoffMs: config.backoffMs,
  mostBackoffMs: config.backoffMaxMs,
  mostSourceBytes: config.maxSourceBytes,
  sourceSha256: config.sourceSha256,
  spaceharbor: config.spaceharbor,
  endings: endingsOf(config),
  batchRows: 500,
  batchMs: 50,
  generatorVersion: generatorVersion(),
})

const RANDOM_STEPS = 2 ** 30

/** What every group needs, whatever it does. */
export const flowPorts = (
  config: Config,
  { log, clock }: Pick<FlowPorts, "log" | "clock">,
): Omit<FlowPorts, "observe"> => ({
  log,
  clock,
  random: () => randomInt(RANDOM_STEPS) / RANDOM_STEPS,
  policy: policyOf(config),
})

type FrameAdapters = Pick<RendererPorts, "log" | "clock" | "store" | "picture"> & {
  readonly heldLooks: LookBytes
  /** Where outputs go instead of beside their sources; null for beside them. */
  readonly outputs: OutputsBase | null
}

/** What whoever reads frames needs. */
export async function framePorts(
  config: Config,
  { store, picture, heldLooks, outputs, ...flow }: FrameAdapters,
): Promise<Omit<RendererPorts, "observe" | "scratch" | "knownOutputs">> {
  return {
    ...flowPorts(config, flow),
    foreground: openForeground(flow.clock),
    store,
    picture,
    settingsFor: settingsOf(config),
    ...(await looksBesideOf(config, { store, clock: flow.clock, heldLooks })),
    outputsFor: mirroredBelow(outputs),
  }
}
