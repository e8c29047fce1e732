import { existsSync } from "node:fs"
import { join, resolve } from "node:path"
import { type DeploymentTarget, findTarget, type Installation } from "../deployment/deployment-target.ts"
import { openLog, openTable, openTarget } from "../deployment/index.ts"
import type { Access, AdapterSurroundings, FolderRecords, OpenTarget } from "../deployment/roles.ts"
import { STATE_FOLDER_NAME } from "../deployment/state-folder.ts"
import type { Failure, Result } from "../events/result.ts"
import type { EventLog } from "../log/index.ts"
import { visible } from "../system/visible.ts"
import type { Table } from "../table/index.ts"
import type { Call, Ending } from "./command.ts"
import { KAFKA, type ServerWait, TRINO, waitFor } from "./server-waits.ts"
import { badUsage, cannotStart, giveUp } from "./terminal/io.ts"

/** Opens the records that the call is about, in a folder or on servers, and closes them whatever happens. */
export async function withRecords(
  call: Call,
  given: string | null,
  access: Access,
  work: (opened: OpenTarget) => Promise<Ending>,
): Promise<Ending> {
  const target = findTarget(call, given)
  if (!target.ok) return giveUp(call.io, target.failure)
  const missing = access.mode === "own" ? await missingState(call, target.value) : null
  if (missing !== null) return giveUp(call.io, missing)
  const opened = await openTarget(target.value, access, surroundingsOf(call))
  if (!opened.ok) return notOpened(call, target.value, opened.failure)
  return closing(opened.value.records, () => work(opened.value))
}

/** `withRecords` for commands whose arguments are keys; refuses a folder that stands in the place of one. */
export async function withRecordsOfKeys(
  call: Call,
  access: Access,
  work: (opened: OpenTarget) => Promise<Ending>,
): Promise<Ending> {
  const folder = call.args.find((name) => existsSync(join(resolve(call.cwd, name), STATE_FOLDER_NAME)))
  if (folder === undefined) return withRecords(call, null, access, work)
  return badUsage(call.io, `${folder} is a folder of frames: name it with --dir, and frames by their paths below it.`)
}

/** Opens the records of a folder of frames for reading, and closes them whatever happens. */
export async function withFolderRecords(
  call: Call,
  installation: Installation,
  work: (records: FolderRecords) => Promise<Ending>,
): Promise<Ending> {
  const target = { kind: "folder", installation } as const
  const opened = await openTarget(target, { mode: "read" }, surroundingsOf(call))
  return opened.ok ? closing(opened.value.records, work) : giveUp(call.io, opened.failure)
}

/** Only a run makes a state: whoever mends or repeats something in one that is not there has named the wrong folder. */
async function missingState(call: Call, target: DeploymentTarget): Promise<Failure | null> {
  if (target.kind === "platform") return null
  const seen = await openTarget(target, { mode: "read" }, surroundingsOf(call))
  if (seen.ok) await seen.value.records.close()
  return seen.ok || seen.failure.code !== "state/missing" ? null : seen.failure
}

const notOpened = ({ io }: Call, { kind }: DeploymentTarget, failure: Failure): Ending =>
  kind === "folder" ? giveUp(io, failure) : cannotStart(io, failure)

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
export const surroundingsOf = ({ io, clock }: Pick<Call, "io" | "clock">): AdapterSurroundings => ({
  clock,
  observeKafka: (event) => {
    if (event.kind === "outage") io.stderr.write(`note: ${visible(event.says)}\n`)
  },
})

/** How the one part of the records that a command reads is opened. */
type PartOpening<Part> = {
  readonly open: (target: DeploymentTarget, surroundings: AdapterSurroundings) => Promise<Result<Part>>
  /** The server that holds the part on a platform. */
  readonly server: ServerWait
}

type ReadTable = Pick<Table, "elements" | "proxyOutputs" | "currentOutputs" | "sequences">

/** Opens the table alone, with the bucket of a folder: it can be read while brokers and registry are away. */
export const withTable = (
  call: Call,
  given: string | null,
  work: (table: ReadTable, bucket: string | undefined) => Promise<Ending>,
): Promise<Ending> => withPart(call, given, { open: openTable, server: TRINO }, work)

/** Opens the log alone: it can be read while the table is away. */
export const withLog = (call: Call, given: string | null, work: (log: EventLog) => Promise<Ending>): Promise<Ending> =>
  withPart(call, given, { open: openLog, server: KAFKA }, work)

async function withPart<Part extends { close(): Promise<void> }>(
  call: Call,
  given: string | null,
  { open, server }: PartOpening<Part>,
  work: (part: Part, bucket: string | undefined) => Promise<Ending>,
): Promise<Ending> {
  const target = findTarget(call, given)
  if (!target.ok) return giveUp(call.io, target.failure)
  const opening = open(target.value, surroundingsOf(call))
  const part = target.value.kind === "folder" ? await opening : await waitFor(call, server, opening)
  if (!part.ok) return notOpened(call, target.value, part.failure)
  return closing(part.value, (opened) => work(opened, bucketOf(target.value)))
}

/** The bucket that a deployment target is about; undefined where there are several. */
export const bucketOf = (target: DeploymentTarget): string | undefined =>
  target.kind === "folder" ? target.installation.bucket : undefined

const FOLDER_SAYS = "folder of frames (default: the nearest one from here upwards that has a state)"

/** The option that names the folder of frames, for commands whose arguments are something else. */
export const DIR_OPTION = { syntax: "--dir <dir>", says: FOLDER_SAYS }

/** The folder of frames as an argument, with the option that says the same. */
export const DIR_PARAMETER = { syntax: "[dir]", says: FOLDER_SAYS }
export const DIR_ALIAS = { syntax: "--dir <dir>", says: "the same as [dir]" }
