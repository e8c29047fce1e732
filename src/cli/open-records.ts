import { findTarget, type Installation, type Platform } from "../deployment/deployment-target.ts"
import { openRecords, type Records } from "../deployment/folder.ts"
import { type Opening, openPlatformLog, openPlatformRecords, openPlatformTable } from "../deployment/platform.ts"
import type { Failure } from "../events/failure.ts"
import type { Result } from "../events/result.ts"
import type { EventLog } from "../log/index.ts"
import { visible } from "../system/visible.ts"
import type { Table } from "../table/index.ts"
import type { Call, Ending } from "./command.ts"
import { KAFKA, type ServerWait, TRINO, waitFor } from "./server-waits.ts"
import { cannotStart, giveUp } from "./terminal/io.ts"

/** How a command opens the state: to read beside whoever owns it, or as its owner under this name. */
export type Access = { readonly mode: "read" } | { readonly mode: "own"; readonly command: string }

/** Log and tables of a deployment target, opened. A folder has a state besides. */
export type OpenedRecords =
  | { readonly kind: "folder"; readonly records: Records; readonly installation: Installation }
  | {
      readonly kind: "platform"
      readonly records: { readonly log: EventLog; readonly table: Table }
      readonly platform: Platform
    }

/** Opens the records that the call is about, in a folder or on servers, and closes them whatever happens. */
export async function withRecords(
  call: Call,
  given: string | null,
  access: Access,
  work: (opened: OpenedRecords) => Promise<Ending>,
): Promise<Ending> {
  const target = findTarget(call, given)
  if (!target.ok) return giveUp(call.io, target.failure)
  if (target.value.kind === "folder") {
    const { installation } = target.value
    return withFolderRecords(call, installation, access, (records) => work({ kind: "folder", records, installation }))
  }
  const { platform } = target.value
  const records = await openPlatformRecords(openingOf(call, platform), access.mode === "own")
  if (!records.ok) return cannotStart(call.io, records.failure)
  return closing(records.value, (opened) => work({ kind: "platform", records: opened, platform }))
}

/** Opens the records of a folder of frames, and closes them whatever happens. */
export async function withFolderRecords(
  call: Call,
  installation: Installation,
  access: Access,
  work: (records: Records) => Promise<Ending>,
): Promise<Ending> {
  const command = access.mode === "own" ? access.command : "read"
  const missing = access.mode === "own" ? await missingState(installation, call) : null
  if (missing !== null) return giveUp(call.io, missing)
  const records = await openRecords(installation, { mode: access.mode, command, clock: call.clock })
  if (!records.ok) return giveUp(call.io, records.failure)
  return closing(records.value, work)
}

/** Only a run makes a state: whoever mends or repeats something in one that is not there has named the wrong folder. */
async function missingState(installation: Installation, { clock }: Call): Promise<Failure | null> {
  const seen = await openRecords(installation, { mode: "read", command: "read", clock })
  if (seen.ok) await seen.value.close()
  return seen.ok || seen.failure.code !== "state/missing" ? null : seen.failure
}

async function closing<Opened extends { close(): Promise<void> }>(
  opened: Opened,
  work: (opened: Opened) => Promise<Ending>,
): Promise<Ending> {
  try {
    return await work(opened)
  } finally {
    await opened.close()
  }
}

/** What adapters are opened with by a command: their outages are notes on stderr. */
export const openingOf = ({ io, clock }: Pick<Call, "io" | "clock">, { config }: Platform): Opening => ({
  config,
  clock,
  observe: (event) => {
    if (event.kind === "outage") io.stderr.write(`note: ${visible(event.says)}\n`)
  },
})

/** How the one part of the records that a command reads is opened. */
type PartOpening<Part> = {
  readonly inFolder: (records: Records) => Part
  readonly onServers: (opening: Opening) => Promise<Result<Part & { close(): Promise<void> }>>
  /** The server that holds the part on a platform. */
  readonly server: ServerWait
}

type ReadTable = Pick<Table, "elements" | "proxyOutputs" | "currentOutputs">

/** Opens the table alone, with the bucket of a folder: it can be read while brokers and registry are away. */
export const withTable = (
  call: Call,
  given: string | null,
  work: (table: ReadTable, bucket: string | undefined) => Promise<Ending>,
): Promise<Ending> =>
  withPart<Table>(
    call,
    given,
    { inFolder: ({ table }) => table, onServers: (opening) => openPlatformTable(opening, false), server: TRINO },
    work,
  )

/** Opens the log alone: it can be read while the table is away. */
export const withLog = (call: Call, given: string | null, work: (log: EventLog) => Promise<Ending>): Promise<Ending> =>
  withPart<EventLog>(call, given, { inFolder: ({ log }) => log, onServers: openPlatformLog, server: KAFKA }, work)

async function withPart<Part>(
  call: Call,
  given: string | null,
  { inFolder, onServers, server }: PartOpening<Part>,
  work: (part: Part, bucket: string | undefined) => Promise<Ending>,
): Promise<Ending> {
  const target = findTarget(call, given)
  if (!target.ok) return giveUp(call.io, target.failure)
  if (target.value.kind === "folder") {
    const { installation } = target.value
    return withFolderRecords(call, installation, { mode: "read" }, (records) =>
      work(inFolder(records), installation.bucket),
    )
  }
  const part = await waitFor(call, server, onServers(openingOf(call, target.value.platform)))
  if (!part.ok) return cannotStart(call.io, part.failure)
  return closing(part.value, (opened) => work(opened, undefined))
}

/** The bucket that a deployment target is about; undefined where there are several. */
export const bucketOf = (opened: OpenedRecords): string | undefined =>
  opened.kind === "folder" ? opened.installation.bucket : undefined

const FOLDER_SAYS = "folder of frames (default: the nearest one from here upwards that has a state)"

/** The option that names the folder of frames, for commands whose arguments are something else. */
export const DIR_OPTION = { syntax: "--dir <dir>", says: FOLDER_SAYS }

/** The folder of frames as an argument, with the option that says the same. */
export const DIR_PARAMETER = { syntax: "[dir]", says: FOLDER_SAYS }
export const DIR_ALIAS = { syntax: "--dir <dir>", says: "the same as [dir]" }
