import { secretsOf } from "../../config/explain.ts"
import type { Config } from "../../config/index.ts"
import { endingsOf } from "../../config/table-folder.ts"
import { findPlatform, type Platform } from "../../deployment/deployment-target.ts"
import { open } from "../../deployment/index.ts"
import type { Ingest } from "../../deployment/roles.ts"
import { endingsText } from "../../element/source.ts"
import { reconcile, reconcileAll } from "../../ingest/listing/reconcile.ts"
import type { ScanReport } from "../../ingest/listing/scan-report.ts"
import { openLogger } from "../../service/logger.ts"
import { openMetrics } from "../../service/metrics.ts"
import { reconcilePorts } from "../../service/run-ingest.ts"
import { openServiceObserver } from "../../service/service-observer.ts"
import { visibleLines } from "../../system/visible.ts"
import { type Call, type Command, type Ending, textOption } from "../command.ts"
import { badUsage, cannotStart, giveUp } from "../terminal/io.ts"
import { counted } from "../views/human.ts"
import { dismissedText, unsupportedText } from "../views/report.ts"
import { runRoles } from "./service-roles.ts"

/** One listing of a bucket. */
type ListingRequest = { readonly bucket: string; readonly prefix: string | null; readonly sinceMs: number | null }

async function run(call: Call): Promise<Ending> {
  const request = requestOf(call)
  if (typeof request === "string") return badUsage(call.io, request)
  if (request === null) return runRoles(call, "ingest", ["ingest"])
  const platform = findPlatform(call)
  if (!platform.ok) return giveUp(call.io, platform.failure)
  if (platform.value.config.kafkaBroker === null)
    return badUsage(call.io, "ingest works on servers: set KAFKA_BROKER and the like. `run DIR` takes a folder in.")
  return listBucket(call, platform.value, request)
}

/** The listing that a command line asks for, null to serve, or what is wrong with it. */
function requestOf(call: Call): ListingRequest | null | string {
  const [bucket] = call.args
  const since = textOption(call, "since")
  const sinceMs = since === null ? null : Date.parse(since)
  if (call.options.serve === true)
    return bucket === undefined && since === null && textOption(call, "prefix") === null
      ? null
      : "Either --serve, or a bucket to be listed once."
  if (bucket === undefined) return "Name the bucket to be listed, or --serve to take arrivals in as they come."
  if (Number.isNaN(sinceMs)) return "--since takes a time such as 2026-04-01T12:00:00Z."
  return { bucket, prefix: textOption(call, "prefix"), sinceMs }
}

async function listBucket(call: Call, platform: Platform, request: ListingRequest): Promise<Ending> {
  const { io, clock } = call
  const { config, settings } = platform
  const metrics = openMetrics()
  const logger = openLogger({
    config: { ...config, logLevel: "warn" },
    stderr: io.stderr,
    secrets: secretsOf(settings),
  })
  const observer = openServiceObserver(logger, metrics, clock)
  const surroundings = { ...call, observeKafka: observer.observeKafka }
  const opened = await open({ kind: "platform", platform }, ["ingest"], surroundings)
  if (!opened.ok) return cannotStart(io, opened.failure)
  const { ingest, close } = opened.value
  const report = ingest === null ? null : await runListing(call, { config, ingest, request })
  await close()
  if (report === null) throw new Error("ingest: the role was not opened")
  if (!report.ok) return giveUp(io, report.failure)
  return reportListing(call, report.value, { request, config })
}

type Listing = { readonly config: Config; readonly ingest: Ingest; readonly request: ListingRequest }

function runListing(call: Call, { config, ingest, request }: Listing): ReturnType<typeof reconcile> {
  const { bucket, prefix, sinceMs } = request
  const options = {
    bucket,
    suffixes: config.intakeSuffixes,
    endings: endingsOf(config),
    signal: call.interrupts.drain,
    ...(sinceMs === null ? {} : { sinceMs }),
  }
  const ports = reconcilePorts(ingest.ports)
  return prefix === null
    ? reconcileAll(ports, options, config.intakePrefixes)
    : reconcile(ports, { ...options, prefix })
}

/** These removals are only reported: the workers confirm each with HEAD before they state it. */
const goneText = (removed: number): string => (removed === 0 ? "" : ` ${counted(removed, "frame")} no longer listed.`)

/** A listing without any frame is most likely one of a prefix that was mistyped. */
const nothingFound = ({ bucket, prefix, sinceMs }: ListingRequest, config: Config): string =>
  `No frame was found in s3://${bucket}/${prefix ?? ""}${sinceMs === null ? "" : " since that time"}: a prefix is the beginning of the keys, case-sensitive; OIIO_INTAKE_PREFIXES, OIIO_INTAKE_SUFFIXES and OIIO_SOURCES (${endingsText(endingsOf(config))}) leave out others.\n`

function reportListing(
  { io, options, interrupts }: Call,
  report: ScanReport,
  { request, config }: Pick<Listing, "request" | "config">,
): Ending {
  const { found, arrived, current, alreadyQueued, failedForGood, dismissed, removed, unsupported, unlisted } = report
  if (options.json === true) {
    const counts = { found, arrived, current, alreadyQueued, failedForGood: failedForGood.length, dismissed, removed }
    io.stdout.write(`${JSON.stringify({ ...counts, unsupported, unlisted: unlisted.length })}\n`)
  }
  for (const failure of unlisted) giveUp(io, failure)
  io.stderr.write(
    `${counted(found, "frame")} found, ${arrived} queued for the workers; ${current} up to date, ${alreadyQueued} queued already, ${failedForGood.length} failed for good${dismissedText(dismissed)}.${goneText(removed)}${unsupportedText(unsupported)}\n`,
  )
  if (interrupts.drain.aborted) return "stopped"
  if (found === 0 && unlisted.length === 0) io.stderr.write(visibleLines(nothingFound(request, config)))
  return unlisted.length > 0 ? 1 : 0
}

export const ingest: Command = {
  details:
    "A listed bucket is a backfill: workers give it a small share beside what arrives today. Frames that are up to date, queued already, or failed for good are left out; those that are known and no longer listed are looked at and, where they are gone, leave the tables. --serve takes messages from Kafka topics and over HTTP, and lists the buckets of S3_BUCKETS on a schedule, since notifications get lost; it answers /healthz, /readyz and /metrics.",
  parameters: [{ syntax: "[bucket]", says: "bucket to be listed once" }],
  options: [
    { syntax: "--prefix <prefix>", says: "only keys that begin so" },
    { syntax: "--since <time>", says: "only objects modified at or after this time (ISO-8601)" },
    { syntax: "--serve", says: "go on: take arrivals in until it is stopped" },
    { syntax: "--json", says: "the report as one JSON object" },
  ],
  settings: ["outputs", "pictures", "shown", "colour", "output", "intake", "service", "platform"],
  examples: [
    ["ingest renders --prefix shots/sh010/", "what is missing below one prefix"],
    ["ingest --serve --intake-topics s3-events:versitygw", "as a service"],
  ],
  run,
}
