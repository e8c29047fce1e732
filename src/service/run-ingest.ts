import type { Stopping } from "../../topology/ports.ts"
import type { Config } from "../config/index.ts"
import { endingsOf } from "../config/table-folder.ts"
import type { Ingest } from "../deployment/index.ts"
import type { OpenIntakes } from "../deployment/intakes.ts"
import { queueOf } from "../deployment/queue.ts"
import type { Running } from "../deployment/run-groups.ts"
import type { HttpIntake } from "../ingest/http.ts"
import { type ReconcilePorts, reconcileAll } from "../ingest/listing/reconcile.ts"
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
  return [
    ...(kafka === null ? [] : [kafka.run(stopping.stop)]),
    ...(http === null ? [] : [serving(http, stopping.stop)]),
    ...(unlisted === null ? [reconciling(input)] : []),
  ]
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

async function serving(http: HttpIntake, stop: AbortSignal): Running {
  const stopped = new Promise((resolve) => stop.addEventListener("abort", resolve, { once: true }))
  try {
    if (!stop.aborted) await Promise.race([stopped, http.broken])
  } finally {
    await http.close()
  }
  return null
}

/** Objects younger than this are left for the next round: their message is most likely on its way. */
const YOUNG_MS = 5 * 60_000

/** What it needs may be away for a while: it says so and tries again at the next round. */
async function reconciling({ config, ports, observer, logger, stopping: { stop } }: IngestInput): Running {
  const { clock, store } = ports
  while (!stop.aborted) {
    for (const bucket of config.s3Buckets) {
      const isSettled = ({ lastModifiedMs }: { readonly lastModifiedMs: number }): boolean =>
        // By the clock that wrote the time: ours may be an hour behind, and then every object would be young.
        lastModifiedMs <= store.nowMs() - YOUNG_MS
      const options = { bucket, suffixes: config.intakeSuffixes, endings: endingsOf(config), signal: stop, isSettled }
      const report = await reconcileAll(reconcilePorts(ports), options, config.intakePrefixes)
      if (!report.ok) {
        logger.warn({ bucket, code: report.failure.code, says: report.failure.says }, "reconciliation broke off")
        continue
      }
      const { found, arrived, current, alreadyQueued, removed, unlisted } = report.value
      logger.info(
        { bucket, found, arrived, current, alreadyQueued, removed, unlisted: unlisted.length },
        "bucket reconciled",
      )
      if (removed > 0) observer.observeIntake({ kind: "removals", from: "listing", removals: removed })
      if (arrived > 0) observer.observeIntake({ kind: "arrived", from: "listing", arrivals: arrived })
    }
    await clock.sleep(config.reconcileMinutes * 60_000, stop)
  }
  return null
}

export const reconcilePorts = (ports: Ingest["ports"]): ReconcilePorts => ({
  ...ports,
  append: ports.log.append,
  queue: queueOf(ports),
})
