import { existsSync } from "node:fs"
import { open } from "node:fs/promises"
import { done, failed, type Result } from "../events/result.ts"
import { type LineSink, openLineNotifications, silentNotifications } from "../notify/lines.ts"
import { openLookBytes } from "../picture/looks/look.ts"
import type { ObjectStore } from "../store/index.ts"
import type { Clock } from "../system/clock.ts"
import { visibleJson } from "../system/visible.ts"
import type { Installation } from "./deployment-target.ts"
import { flowPorts, framePorts, headerLimitsOf, openPicture, sequencesOf, temporaryFiles } from "./machine.ts"
import { type FolderOutputs, takeOutputsFolder } from "./outputs-elsewhere.ts"
import type { Access, FolderRecords, OpenedRoles, OpenTarget, Role, RoleSurroundings } from "./roles.ts"
import { rememberFolder } from "./state-folder.ts"

/** Log and tables of a folder: one SQLite file. Its owner remembers in it which folder it belongs to. */
export async function openFolderRecords(
  { config, root, bucket, outputs }: Installation,
  access: Access,
  clock: Clock,
): Promise<Result<FolderRecords>> {
  const [{ openState }, { openSqliteLog }, { openSqliteTable }] = await Promise.all([
    import("../state/index.ts"),
    import("../log/sqlite.ts"),
    import("../table/sqlite.ts"),
  ])
  const opened = await openState({ folder: config.stateDir, clock, ...access })
  if (!opened.ok) return opened
  const state = opened.value
  const isOwner = access.mode === "own"
  if (isOwner) rememberFolder(state.folder, { root, bucket, outputs: outputs?.root ?? null })
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
  const ensured = isOwner ? await table.ensure() : done(undefined)
  if (ensured.ok) return done({ state, log, table, close })
  await close()
  return ensured
}

/** Frames and outputs in folders; `sweeps`: removes what a killed process left half written. */
export async function openFolderStore(
  { root, bucket, outputs, formerOutputs }: Installation,
  options: { readonly sweeps?: boolean } = {},
): Promise<Result<ObjectStore>> {
  const { openDirectoryStore } = await import("../store/directory.ts")
  // Before the first run it may not be there: then it holds nothing.
  const others = [formerOutputs, outputs].filter((one) => one !== null && existsSync(one.root)) as FolderOutputs[]
  const roots = new Map([...others.map((one): [string, string] => [one.place.bucket, one.root]), [bucket, root]])
  return openDirectoryStore(roots, options)
}

/** Roles of the one process that works on a folder, over its open records. */
export async function openFolderRoles(
  { installation, records: { state, log, table } }: Extract<OpenTarget, { kind: "folder" }>,
  roles: readonly Role[],
  { io, clock, env, begun = null }: RoleSurroundings,
): Promise<Result<OpenedRoles>> {
  const { config, outputs } = installation
  const refused = outputs === null ? null : takeOutputsFolder(outputs, installation)
  if (refused !== null) return failed(refused)
  const store = await openFolderStore(installation, { sweeps: true })
  if (!store.ok) return store
  const { openSqliteKnownOutputs } = await import("../known-outputs/sqlite.ts")
  const { openHeaderInspector } = await import("../picture/inspect/inspector.ts")
  const { openMetadataWriter } = await import("../picture/metadata-file/write.ts")
  const knownOutputs = await openSqliteKnownOutputs({ state })
  if (!knownOutputs.ok) return knownOutputs
  const scratch = temporaryFiles(config)
  const heldLooks = openLookBytes()
  const picture = await openPicture(installation, { env }, { scratch, heldLooks, begun })
  if (!picture.ok) return picture
  const flow = flowPorts(config, { log, clock })
  const opened = { log, clock, store: store.value, picture: picture.value, heldLooks, outputs: outputs?.place ?? null }
  const frames = await framePorts(config, opened)
  const notifications =
    config.notifications === null
      ? silentNotifications
      : openLineNotifications(openLineSink(config.notifications, io.stdout), { jobsOnly: config.spaceharbor })
  const rendering = {
    headers: openHeaderInspector(headerLimitsOf(config)),
    metadata: openMetadataWriter(headerLimitsOf(config)),
    scratch: await scratch(),
    knownOutputs: knownOutputs.value,
  }
  return done({
    log,
    worker: roles.includes("worker")
      ? {
          ports: { ...frames, ...rendering },
          sequences: sequencesOf(config, picture.value, { env }),
          backfill: null,
          followOutputs: null,
        }
      : null,
    projector: roles.includes("projector")
      ? { ports: { ...flow, table, notifications }, rowsPerMerge: flow.policy.batchRows }
      : null,
    ingest: roles.includes("ingest") ? { ports: { ...frames, table } } : null,
    close: async () => {
      await picture.value.close()
      await store.value.close()
      await notifications.close()
    },
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
