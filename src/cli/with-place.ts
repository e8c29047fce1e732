import { type Failure, failure } from "../events/failure.ts"
import { done, failed, type Result } from "../events/result.ts"
import type { EventLog } from "../log/index.ts"
import type { ObjectRef } from "../store/index.ts"
import type { Table } from "../table/index.ts"
import type { Call, Ending } from "./command.ts"
import type { Installation } from "./installation.ts"
import { cannotStart, giveUp } from "./io.ts"
import { findPlace, type Platform } from "./place.ts"
import { openRecords, type Records } from "./wire.ts"
import { openPlatformRecords } from "./wire-platform.ts"
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
  const place = findPlace(call, given)
  if (!place.ok) return giveUp(call.io, place.failure)
  if (place.value.kind === "platform") return onPlatform(call, place.value.platform, access, work)
  const { installation } = place.value
  const command = access.mode === "own" ? access.command : "read"
  const missing = access.mode === "own" ? await missingState(installation, call) : null
  if (missing !== null) return giveUp(call.io, missing)
  const records = await openRecords(installation, { mode: access.mode, command, clock: call.clock })
  if (!records.ok) return giveUp(call.io, records.failure)
  try {
    return await work({ kind: "folder", records: records.value, installation })
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

async function onPlatform(
  { io, clock }: Call,
  platform: Platform,
  access: Access,
  work: (opened: Opened) => Promise<Ending>,
): Promise<Ending> {
  const { config } = platform
  const opening = {
    config,
    clock,
    observe: (event: { readonly kind: string; readonly says?: string }) => {
      if (event.kind === "outage") io.stderr.write(`note: ${event.says}\n`)
    },
  }
  const records = await openPlatformRecords(opening, access.mode === "own")
  if (!records.ok) return cannotStart(io, records.failure)
  try {
    return await work({ kind: "platform", records: records.value, platform })
  } finally {
    await records.value.close()
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
