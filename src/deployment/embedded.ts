import { randomInt } from "node:crypto"
import { existsSync } from "node:fs"
import { join } from "node:path"
import type { Policy, RendererPorts } from "../../topology/ports.ts"
import type { Call } from "../cli/command.ts"
import { colourProblem } from "../config/colour-rules.ts"
import type { Config } from "../config/index.ts"
import { renderSettingsFor } from "../config/render-settings.ts"
import { endingsOf } from "../config/table-folder.ts"
import { mirroredBelow } from "../element/output-places.ts"
import { done, failed, type Result } from "../events/result.ts"
import type { EventLog } from "../log/index.ts"
import type { Notifications } from "../notify/index.ts"
import { openLineNotifications, silentNotifications } from "../notify/lines.ts"
import type { SetupOptions } from "../picture/engines/setup.ts"
import type { PictureEngine, Scratch } from "../picture/index.ts"
import { type HeldLooks, openHeldLooks } from "../picture/looks/held.ts"
import { DEFAULT_LIMITS, type HeaderLimits } from "../picture/read/header/limits.ts"
import { openScratch, scratchPlaces } from "../picture/scratch.ts"
import type { State } from "../state/index.ts"
import type { ObjectRef, ObjectStore } from "../store/index.ts"
import type { Table } from "../table/index.ts"
import { type FolderOutputs, takeOutputsFolder } from "./folder-outputs.ts"
import type { Installation } from "./installation.ts"
import { rememberFolder } from "./installation.ts"
import { openLineSink } from "./line-sink.ts"
import type { WorkPorts } from "./run-embedded.ts"
import { generatorVersion } from "./version.ts"

/** Log and tables of an embedded installation, for reading or as their one owner. */
export type Records = {
  readonly state: State
  readonly log: EventLog
  readonly table: Table
  readonly close: () => Promise<void>
}

/** The one file that chooses adapters: the embedded log and tables. */
export async function openRecords(
  { config, root, bucket, outputs }: Installation,
  { mode, command, clock }: { readonly mode: "own" | "read"; readonly command: string; readonly clock: Call["clock"] },
): Promise<Result<Records>> {
  const [{ openState }, { openSqliteLog }, { openSqliteTable }] = await Promise.all([
    import("../state/index.ts"),
    import("../log/sqlite.ts"),
    import("../table/sqlite.ts"),
  ])
  const opened = await openState({ folder: config.stateDir, mode, clock, command })
  if (!opened.ok) return opened
  const state = opened.value
  if (mode === "own") rememberFolder(state.folder, { root, bucket, outputs })
  const kept = await openSqliteLog({ state, clock })
  if (!kept.ok) {
    state.close()
    return kept
  }
  const log = kept.value
  const table = openSqliteTable({ state })
  const close = async (): Promise<void> => {
    await log.close()
    await table.close()
    state.close()
  }
  const ensured = mode === "own" ? await table.ensure() : done(undefined)
  if (ensured.ok) return done({ state, log, table, close })
  await close()
  return ensured
}

export async function openStore(
  { root, bucket, outputs, formerOutputs }: Installation,
  options: { readonly sweeps?: boolean } = {},
): Promise<Result<ObjectStore>> {
  const { openDirectoryStore } = await import("../store/directory.ts")
  // Before the first run it may not be there: then it holds nothing.
  const others = [formerOutputs, outputs].filter((one) => one !== null && existsSync(one.root)) as FolderOutputs[]
  const roots = new Map([...others.map((one): [string, string] => [one.place.bucket, one.root]), [bucket, root]])
  return openDirectoryStore(roots, options)
}

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
export const toolOptions = (config: Config, { env }: Pick<Call, "env">): SetupOptions => ({
  oiiotool: config.oiiotoolPath,
  ffmpeg: config.ffmpegPath,
  ocioConfigPath: config.ocioConfigPath,
  limits: { timeoutMs: config.toolTimeoutSeconds * 1000, memoryLimitBytes: config.toolMemoryBytes },
  ...(env.PATH === undefined ? {} : { searchPath: env.PATH }),
  colourProblem: (names) => colourProblem(config, names),
  looks: config.colourRules.flatMap(({ lookFile }) => lookFile?.read ?? []),
})

/** Where baked looks outlive a process: with the state, where there is one. */
export const looksFolderOf = ({ stateDir }: Config): string | null =>
  existsSync(stateDir) ? join(stateDir, "looks") : null

/** What an engine shares with the rest of a process. */
type PictureMeans = { readonly scratch?: () => Promise<Scratch>; readonly heldLooks?: HeldLooks }

type Beside = { readonly store: ObjectStore; readonly clock: Call["clock"]; readonly heldLooks: HeldLooks }

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
  { config }: Pick<Installation, "config">,
  call: Pick<Call, "env">,
  { scratch = temporaryFiles(config), heldLooks = openHeldLooks() }: PictureMeans = {},
): Promise<Result<PictureEngine>> {
  const options = { ...toolOptions(config, call), headerLimits: headerLimitsOf(config), heldLooks }
  const threads = config.rendersInFlight + config.backfillRendersInFlight
  if (config.engine === "oiiotool") return (await import("../picture/engines/recipe.ts")).openRecipeEngine(options)
  const { openInProcessEngine } = await import("../picture/engines/in-process/engine.ts")
  return openInProcessEngine({ ...options, threads, scratch, looksFolder: looksFolderOf(config) })
}

/** Settings of one object's pictures. */
export const settingsOf =
  (config: Config): RendererPorts["settingsFor"] =>
  ({ bucket, key }: ObjectRef) =>
    renderSettingsFor(config, bucket, key)

/** Headers wait for the store most of the time: more at once only take memory. */
const INSPECTIONS_IN_FLIGHT = 16

/** How much is under way at once on one machine. */
export const policyOf = (config: Config): Policy => ({
  credits: Math.max(64, 16 * config.rendersInFlight),
  lookAhead: config.lookAhead,
  rendersInFlight: config.rendersInFlight,
  // Fetched ahead, so that a core that has finished finds its next frame there.
  sourcesHeld: 2 * config.rendersInFlight,
  inspectionsInFlight: INSPECTIONS_IN_FLIGHT,
  mostAttempts: config.attempts,
  backoffMs: config.backoffMs,
  mostBackoffMs: config.backoffMaxMs,
  mostSourceBytes: config.maxSourceBytes,
  endings: endingsOf(config),
  batchRows: 500,
  batchMs: 50,
  generatorVersion: generatorVersion(),
})

const RANDOM_STEPS = 2 ** 30

/** Everything that the running topologies need, on one machine. */
export async function openWorkPorts(
  installation: Installation,
  { state, log, table }: Records,
  { io, clock, env }: Call,
): Promise<Result<WorkPorts>> {
  const { config, outputs } = installation
  const refused = outputs === null ? null : takeOutputsFolder(outputs, installation)
  if (refused !== null) return failed(refused)
  const store = await openStore(installation, { sweeps: true })
  if (!store.ok) return store
  const { openSqliteKnownOutputs } = await import("../known-outputs/sqlite.ts")
  const { openHeaderInspector } = await import("../picture/inspect/inspector.ts")
  const knownOutputs = await openSqliteKnownOutputs({ state })
  if (!knownOutputs.ok) return knownOutputs
  const scratch = temporaryFiles(config)
  const heldLooks = openHeldLooks()
  const picture = await openPicture(installation, { env }, { scratch, heldLooks })
  if (!picture.ok) return picture
  return done({
    log,
    table,
    store: store.value,
    picture: picture.value,
    headers: openHeaderInspector(headerLimitsOf(config)),
    scratch: await scratch(),
    clock,
    random: () => randomInt(RANDOM_STEPS) / RANDOM_STEPS,
    settingsFor: settingsOf(config),
    ...(await looksBesideOf(config, { store: store.value, clock, heldLooks })),
    outputsFor: mirroredBelow(outputs?.place ?? null),
    knownOutputs: knownOutputs.value,
    policy: policyOf(config),
    notifications: openNotifications(config, io),
  })
}

const openNotifications = ({ notifications }: Config, io: Call["io"]): Notifications =>
  notifications === null ? silentNotifications : openLineNotifications(openLineSink(notifications, io.stdout))
