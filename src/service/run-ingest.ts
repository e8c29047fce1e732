import type { Stopping } from "../../topology/ports.ts"
import type { Config } from "../config/index.ts"
import { endingsOf } from "../config/table-folder.ts"
import type { OpenIntakes } from "../deployment/intakes.ts"
import { queueOf } from "../deployment/queue.ts"
import type { Ingest } from "../deployment/roles.ts"
import type { Running } from "../deployment/run-groups.ts"
import type { Intake } from "../ingest/index.ts"
import { openListingIntake, type ReconcilePorts } from "../ingest/listing/reconcile.ts"
import type { Logger } from "./logger.ts"
import type { ServiceObserver } from "./service-observer.ts"

export type IngestInput = {
  readonly config: Config
  readonly ports: Ingest["ports"]
  readonly observer: ServiceObserver
  readonly logger: Logger
  readonly stopping: Stopping
}

/** Everything that brings arrivals in, until it is stopped. */
export function runIngest(input: IngestInput, { kafka, http }: OpenIntakes): readonly Running[] {
  const { config, stopping, logger } = input
  const unlisted = nothingListed(config)
  if (unlisted !== null) logger.warn(unlisted)
  const listing = unlisted === null ? bucketListing(input) : null
  return [kafka, http, listing].flatMap((intake) => (intake === null ? [] : [intake.run(stopping.stop)]))
}

/** Why nobody will find what no notification told of; null where the buckets are listed. */
function nothingListed({ s3Buckets, reconcileMinutes }: Config): string | null {
  const lost = "Frames whose notification is lost will never be found"
  if (s3Buckets.length === 0)
    return `${lost}, and notifications from any bucket are taken: set S3_BUCKETS, and the buckets are listed on a schedule.`
  if (reconcileMinutes === 0)
    return `${lost}: OIIO_RECONCILE_MINUTES is 0. Set it to the minutes between two listings of S3_BUCKETS.`
  return null
}

/** Objects younger than this are left for the next round: their message is most likely on its way. */
const YOUNG_MS = 5 * 60_000

const bucketListing = ({ config, ports, observer, logger }: IngestInput): Intake =>
  openListingIntake(reconcilePorts(ports), {
    buckets: config.s3Buckets,
    prefixes: config.intakePrefixes,
    suffixes: config.intakeSuffixes,
    endings: endingsOf(config),
    everyMs: config.reconcileMinutes * 60_000,
    youngMs: YOUNG_MS,
    observe: observer.observeIntake,
    onListed: (bucket, report) => {
      if (!report.ok) {
        logger.warn({ bucket, code: report.failure.code, says: report.failure.says }, "reconciliation broke off")
        return
      }
      const { found, arrived, current, alreadyQueued, removed, unlisted } = report.value
      const counts = { bucket, found, arrived, current, alreadyQueued, removed, unlisted: unlisted.length }
      logger.info(counts, "bucket reconciled")
    },
  })

export const reconcilePorts = (ports: Ingest["ports"]): ReconcilePorts => ({
  ...ports,
  append: ports.log.append,
  queue: queueOf(ports),
})
