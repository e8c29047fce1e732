import { done, type Result } from "../../events/result.ts"
import type { EventLog } from "../../log/index.ts"
import type { ObjectEntry, ObjectStore } from "../../store/index.ts"
import type { Table } from "../../table/index.ts"
import type { IntakeSource } from "../arrival/message.ts"
import type { Intake, IntakeObservation } from "../index.ts"
import { openHintsTold } from "./hints.ts"
import { listedOutputs, missingRows, rowsInOrder } from "./in-order.ts"
import { type QueuePorts, queuedArrivals } from "./queued-arrivals.ts"
import { type ScanOptions, type ScanPorts, scan } from "./scan.ts"
import { type ScanReport, sumOf } from "./scan-report.ts"

export type ReconcilePorts = Omit<ScanPorts, "element" | "append" | "outputIsThere" | "queued"> & {
  /** What tells rows that are queued from rows that only say so; absent: all are believed. */
  readonly queue?: QueuePorts
  readonly table: Pick<Table, "element" | "elements">
  readonly append: EventLog["append"]
}

export type ReconcileOptions = Omit<ScanOptions, "prefix"> & {
  readonly prefix: string
  /** Which ends of keys are wanted; empty for all. */
  readonly suffixes: IntakeSource["suffixes"]
}

/**
 * Lists a bucket, or what of it begins with a prefix, and queues as backfill what has no current outputs and is not queued
 * already, and reports what is known and no longer there: notifications get lost. Fails when log, store or table does.
 */
export async function reconcile(ports: ReconcilePorts, options: ReconcileOptions): Promise<Result<ScanReport>> {
  const { bucket, prefix, suffixes, ...rest } = options
  const { queue } = ports
  const queued = queue === undefined ? null : await queuedArrivals(queue)
  if (queued?.ok === false) return queued
  const outputs = listedOutputs(prefix)
  const rows = rowsInOrder(ports.table, { bucket, prefix })
  const report = await scan(
    {
      ...ports,
      store: noted(ports.store, outputs.note),
      element: rows.element,
      outputIsThere: (ref) => (ref.bucket === bucket ? outputs.has(ref) : null),
      append: asBackfill(ports.append),
      missing: missingRows(rows, ports.append, () => ports.clock.nowMs()),
      ...(queued === null ? {} : { queued: queued.value }),
      ...(queue === undefined || ports.hintsTold !== undefined ? {} : { hintsTold: openHintsTold(queue.log) }),
    },
    { ...rest, bucket, isWanted: endingIn(suffixes), ...(prefix === "" ? {} : { prefix }) },
  )
  await rows.close()
  return report
}

/** What is found by listing can wait: it has a topic of its own. */
const asBackfill =
  (append: EventLog["append"]): EventLog["append"] =>
  (records) =>
    append(
      records.map((record) =>
        record.topic === "element-created" ? { topic: "element-created-backfill", value: record.value } : record,
      ),
    )

const endingIn =
  (suffixes: readonly string[]) =>
  ({ key }: ObjectEntry): boolean =>
    suffixes.length === 0 || suffixes.some((suffix) => key.toLowerCase().endsWith(suffix.toLowerCase()))

/** The store, its listings watched. */
const noted = (store: ObjectStore, note: (listed: Result<ObjectEntry>) => void): ObjectStore => ({
  ...store,
  async *list(bucket, options) {
    for await (const listed of store.list(bucket, options)) {
      note(listed)
      yield listed
    }
  },
})

/** Reconciles each prefix of a bucket, one after the other; all of it where none is given. */
export async function reconcileAll(
  ports: ReconcilePorts,
  options: Omit<ReconcileOptions, "prefix">,
  prefixes: readonly string[],
): Promise<Result<ScanReport>> {
  const reports: ScanReport[] = []
  for (const prefix of prefixes.length === 0 ? [""] : prefixes) {
    const report = await reconcile(ports, { ...options, prefix })
    if (!report.ok) return report
    reports.push(report.value)
  }
  return done(sumOf(reports))
}

export type ListingIntakeOptions = Pick<ReconcileOptions, "suffixes" | "endings"> & {
  readonly buckets: readonly string[]
  /** Beginnings of keys that are listed; empty for all. */
  readonly prefixes: readonly string[]
  /** From the end of one round to the beginning of the next. */
  readonly everyMs: number
  /** Objects that were modified less than this ago are left for the next round. */
  readonly youngMs: number
  readonly observe: (observation: IntakeObservation) => void
  /** Told after each bucket: what was found, or why the listing broke off. */
  readonly onListed: (bucket: string, report: Result<ScanReport>) => void
}

/**
 * Finds what no notification told of, by listing the buckets again and again. What it needs may be away for a while: it
 * says so and tries again at the next round.
 */
export const openListingIntake = (given: ReconcilePorts, options: ListingIntakeOptions): Intake => ({
  run: async (stop) => {
    const { queue } = given
    const ports = queue === undefined ? given : { ...given, hintsTold: openHintsTold(queue.log) }
    while (!stop.aborted) {
      for (const bucket of options.buckets) await listBucket(ports, options, { bucket, stop })
      await ports.clock.sleep(options.everyMs, stop)
    }
    return null
  },
})

async function listBucket(
  ports: ReconcilePorts,
  { suffixes, endings, prefixes, youngMs, observe, onListed }: ListingIntakeOptions,
  { bucket, stop }: { readonly bucket: string; readonly stop: AbortSignal },
): Promise<void> {
  // By the clock that wrote the time: ours may be an hour behind, and then every object would be young.
  const isStable = ({ lastModifiedMs }: ObjectEntry): boolean => lastModifiedMs <= ports.store.nowMs() - youngMs
  const options = { bucket, suffixes, signal: stop, isStable, ...(endings === undefined ? {} : { endings }) }
  const report = await reconcileAll(ports, options, prefixes)
  onListed(bucket, report)
  if (!report.ok) return
  const { removed, arrived } = report.value
  if (removed > 0) observe({ kind: "removals", from: "listing", removals: removed })
  if (arrived > 0) observe({ kind: "arrived", from: "listing", arrivals: arrived })
}
