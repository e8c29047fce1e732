import { existsSync } from "node:fs"
import { open } from "node:fs/promises"
import type { InspectorPorts, ProjectorPorts, RendererPorts } from "../../topology/ports.ts"
import type { Environment } from "../config/index.ts"
import { mirroredBelow } from "../element/output-places.ts"
import { done, failed, type Result } from "../events/result.ts"
import type { EventLog } from "../log/index.ts"
import { type LineSink, openLineNotifications, silentNotifications } from "../notify/lines.ts"
import { openHeldLooks } from "../picture/looks/look.ts"
import type { State } from "../state/index.ts"
import type { ObjectStore } from "../store/index.ts"
import type { Clock } from "../system/clock.ts"
import { visibleJson } from "../system/visible.ts"
import type { Table } from "../table/index.ts"
import type { Installation } from "./deployment-target.ts"
import { headerLimitsOf, looksBesideOf, openPicture, policyOf, random, settingsOf, temporaryFiles } from "./machine.ts"
import { type FolderOutputs, takeOutputsFolder } from "./outputs-elsewhere.ts"
import { rememberFolder } from "./state-folder.ts"

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
  { mode, command, clock }: { readonly mode: "own" | "read"; readonly command: string; readonly clock: Clock },
): Promise<Result<Records>> {
  const [{ openState }, { openSqliteLog }, { openSqliteTable }] = await Promise.all([
    import("../state/index.ts"),
    import("../log/sqlite.ts"),
    import("../table/sqlite.ts"),
  ])
  const opened = await openState({ folder: config.stateDir, mode, clock, command })
  if (!opened.ok) return opened
  const state = opened.value
  if (mode === "own") rememberFolder(state.folder, { root, bucket, outputs: outputs?.root ?? null })
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

/** Everything that the groups need which work on a folder in one process. */
export type EmbeddedPorts = Omit<RendererPorts & InspectorPorts & ProjectorPorts, "observe">

export type FolderSurroundings = {
  readonly env: Environment
  readonly clock: Clock
  /** Takes the lines of notifications where the setting is `-`. */
  readonly io: { readonly stdout: NodeJS.WritableStream }
}

/** Opens the ports of all groups over a folder's log and tables. Fails as the adapters do. */
export async function openEmbeddedPorts(
  installation: Installation,
  { state, log, table }: Records,
  { io, clock, env }: FolderSurroundings,
): Promise<Result<EmbeddedPorts>> {
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
    random,
    settingsFor: settingsOf(config),
    ...(await looksBesideOf(config, { store: store.value, clock, heldLooks })),
    outputsFor: mirroredBelow(outputs?.place ?? null),
    knownOutputs: knownOutputs.value,
    policy: policyOf(config),
    notifications:
      config.notifications === null
        ? silentNotifications
        : openLineNotifications(openLineSink(config.notifications, io.stdout)),
  })
}

/** Lines to a file, appended and on disk when written; `-` is standard output. */
const openLineSink = (target: string, stdout: NodeJS.WritableStream): LineSink =>
  target === "-" ? streamSink(stdout) : fileSink(target)

const streamSink = (stream: NodeJS.WritableStream): LineSink => ({
  write: (lines) =>
    new Promise((resolve, reject) => {
      // Whoever watches has a terminal there.
      stream.write(lines.split("\n").map(visibleJson).join("\n"), (error) => (error ? reject(error) : resolve()))
    }),
  close: () => Promise.resolve(),
})

/** Opened for each batch: a file that was rotated or lost is there again with the next lines. */
const fileSink = (path: string): LineSink => ({
  async write(lines) {
    const file = await open(path, "a")
    try {
      await file.appendFile(lines)
      await file.datasync()
    } finally {
      await file.close()
    }
  },
  close: () => Promise.resolve(),
})
