import { findTarget, type Installation, type Platform } from "../deployment/deployment-target.ts"
import { openRecords, type Records } from "../deployment/folder.ts"
import { type Opening, openPlatformLog, openPlatformRecords, openPlatformTable } from "../deployment/platform.ts"
import { type Failure, failure } from "../events/failure.ts"
import { done, failed, type Result } from "../events/result.ts"
import type { EventLog } from "../log/index.ts"
import type { ObjectRef } from "../store/index.ts"
import { visible } from "../system/visible.ts"
import type { Table } from "../table/index.ts"
import type { Call, Ending } from "./command.ts"
import { cannotStart, giveUp } from "./terminal/io.ts"
import { KAFKA, TRINO, type WaitedFor, waitFor } from "./waited-for.ts"
import type { Access } from "./with-records.ts"

/** Log and tables of a place, opened. A folder has a state besides. */
export type Opened =
  | { readonly kind: "folder"; readonly records: Records; readonly installation: Installation }
  | {
      readonly kind: "platform"
      readonly records: { readonly log: EventLog; readonly table: Table }
      readonly platform: Platform
    }

/** Opens the records that the call is about, in a folder or on servers, and closes them whatever happens. */
export async function withPlace(
  call: Call,
  given: string | null,
  access: Access,
  work: (opened: Opened) => Promise<Ending>,
): Promise<Ending> {
  const place = findTarget(call, given)
  if (!place.ok) return giveUp(call.io, place.failure)
  if (place.value.kind === "platform") return onPlatform(call, place.value.platform, access, work)
  const { installation } = place.value
  return inFolder(call, installation, access, (records) => work({ kind: "folder", records, installation }))
}

async function inFolder(
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
  try {
    return await work(records.value)
  } finally {
    await records.value.close()
  }
}

/** Only a run makes a state: whoever mends or repeats something in one that is not there has named the wrong folder. */
async function missingState(installation: Installation, { clock }: Call): Promise<Failure | null> {
  const seen = await openRecords(installation, { mode: "read", command: "read", clock })
  if (seen.ok) await seen.value.close()
  return seen.ok || seen.failure.code !== "state/missing" ? null : seen.failure
}

/** What adapters are opened with by a command: their outages are notes on stderr. */
export const openingOf = ({ io, clock }: Pick<Call, "io" | "clock">, { config }: Platform): Opening => ({
  config,
  clock,
  observe: (event) => {
    if (event.kind === "outage") io.stderr.write(`note: ${visible(event.says)}\n`)
  },
})

async function onPlatform(
  call: Call,
  platform: Platform,
  access: Access,
  work: (opened: Opened) => Promise<Ending>,
): Promise<Ending> {
  const records = await openPlatformRecords(openingOf(call, platform), access.mode === "own")
  if (!records.ok) return cannotStart(call.io, records.failure)
  try {
    return await work({ kind: "platform", records: records.value, platform })
  } finally {
    await records.value.close()
  }
}

/** What a command that only reads needs of a place: one of its parts, and the bucket that it is about, if it is one. */
type Reading<Part> = {
  readonly inFolder: (records: Records) => Part
  readonly onServers: (opening: Opening) => Promise<Result<Part & { close(): Promise<void> }>>
  /** The server of that part, for whoever waits. */
  readonly waitedFor: WaitedFor
}

/** Opens the table alone: what is read there can be read while brokers and registry are away. */
export const withTable = (
  call: Call,
  given: string | null,
  work: (
    table: Pick<Table, "elements" | "proxyOutputs" | "currentOutputs">,
    bucket: string | undefined,
  ) => Promise<Ending>,
): Promise<Ending> =>
  withPart<Table>(call, given, {
    reading: {
      inFolder: ({ table }) => table,
      onServers: (opening) => openPlatformTable(opening, false),
      waitedFor: TRINO,
    },
    work,
  })

/** Opens the log alone: what it holds can be read while the table is away. */
export const withLog = (call: Call, given: string | null, work: (log: EventLog) => Promise<Ending>): Promise<Ending> =>
  withPart<EventLog>(call, given, {
    reading: { inFolder: ({ log }) => log, onServers: openPlatformLog, waitedFor: KAFKA },
    work,
  })

async function withPart<Part>(
  call: Call,
  given: string | null,
  {
    reading,
    work,
  }: { readonly reading: Reading<Part>; readonly work: (part: Part, bucket: string | undefined) => Promise<Ending> },
): Promise<Ending> {
  const place = findTarget(call, given)
  if (!place.ok) return giveUp(call.io, place.failure)
  if (place.value.kind === "folder") {
    const { installation } = place.value
    return inFolder(call, installation, { mode: "read" }, (records) =>
      work(reading.inFolder(records), installation.bucket),
    )
  }
  const opening = openingOf(call, place.value.platform)
  const part = await waitFor(call, reading.waitedFor, reading.onServers(opening))
  if (!part.ok) return cannotStart(call.io, part.failure)
  try {
    return await work(part.value, undefined)
  } finally {
    await part.value.close()
  }
}

const S3_ADDRESS = /^s3:\/\/([^/]+)\/(.*)$/s

/** The bucket that a place is about; undefined for all. */
export const bucketOf = (opened: Opened): string | undefined =>
  opened.kind === "folder" ? opened.installation.bucket : undefined

/** What a user names as an object or a prefix: s3://bucket/key, or a bare key where only one bucket can be meant. */
export function objectNamed(text: string, opened: Opened): Result<ObjectRef> {
  if (opened.kind === "folder") return done({ bucket: opened.installation.bucket, key: text })
  const [, bucket, key] = S3_ADDRESS.exec(text) ?? []
  if (bucket !== undefined && key !== undefined) return done({ bucket, key })
  const [only, ...others] = opened.platform.config.s3Buckets
  if (only !== undefined && others.length === 0) return done({ bucket: only, key: text })
  const says = `${text}: write s3://bucket/key, since S3_BUCKETS does not name exactly one bucket.`
  return failed(failure("config/invalid", says))
}
