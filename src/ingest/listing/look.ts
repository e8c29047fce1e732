/** Looks at a folder that holds one bucket: at all of it, at what lies below a prefix, at files by their names. */

import { compareKeys } from "../../element/key-order.ts"
import { isSource } from "../../element/source.ts"
import type { Fact } from "../../events/fact.ts"
import { done, type Result } from "../../events/result.ts"
import { hintKindOf } from "../../sequence/stated/index.ts"
import type { ObjectEntry, ObjectStore } from "../../store/index.ts"
import { appendGone, openHintsTold } from "./hints.ts"
import { missingRows, rowsInOrder } from "./in-order.ts"
import { missing } from "./listing.ts"
import { type QueuePorts, queuedArrivals } from "./queued-arrivals.ts"
import type { ReconcilePorts } from "./reconcile.ts"
import { type ScanOptions, scan } from "./scan.ts"
import type { ScanReport } from "./scan-report.ts"
import type { StableFiles } from "./stable-files.ts"

export type FolderPorts = ReconcilePorts & { readonly queue: QueuePorts }

/** A listing: what arrives is for today, not backfill. Fails as {@link scan}. */
export async function listFolder(
  { table, append, queue, ...ports }: FolderPorts,
  options: ScanOptions,
): Promise<Result<ScanReport>> {
  const queued = await queuedArrivals(queue)
  if (!queued.ok) return queued
  const rows = rowsInOrder(table, { bucket: options.bucket, prefix: options.prefix ?? "" })
  const missing = missingRows(rows, append, () => ports.clock.nowMs(), options.selection)
  const hintsTold = ports.hintsTold ?? openHintsTold(queue.log)
  const report = await scan(
    {
      ...ports,
      ...{ element: rows.element, elementInTurn: table.element, append, queued: queued.value, missing, hintsTold },
    },
    options,
  )
  await rows.close()
  return report
}

type NamedFiles = { readonly keys: readonly string[]; readonly stable: StableFiles }

/**
 * The same for single files, of which the file system told or which have become still. What could not be looked at is looked at
 * again when it has been still for as long once more. Fails as {@link scan}.
 */
export async function lookAtFiles(
  { table, append, queue, ...ports }: FolderPorts,
  options: ScanOptions,
  { keys, stable }: NamedFiles,
): Promise<Result<void>> {
  const wanted = keys
    .filter((key) => (isSource(key, options.endings) ? options.selection?.(key) !== false : hintKindOf(key) !== null))
    .toSorted(compareKeys)
  const { entries, gone, unclear } = await headsOf(ports.store, options.bucket, wanted)
  const store: ObjectStore = { ...ports.store, list: () => each(entries) }
  const hintsTold = ports.hintsTold ?? openHintsTold(queue.log)
  const scanned = await scan({ ...ports, store, element: table.element, append, hintsTold }, options)
  const missed = scanned.ok ? await tellMissing({ table, append, ...ports }, options.bucket, gone) : scanned
  const told = missed.ok ? await appendGone({ ...ports, append, hintsTold }, options.bucket, gone) : missed
  const left = new Set(told.ok ? [...unclear, ...entries.map(({ key }) => key)] : wanted)
  for (const key of keys) if (!left.has(key)) stable.forget(key)
  for (const key of told.ok ? unclear : wanted) stable.touched(key)
  return told.ok ? done(undefined) : told
}

type Heads = {
  readonly entries: readonly ObjectEntry[]
  readonly gone: readonly string[]
  /** Of these the store cannot tell at this moment. */
  readonly unclear: readonly string[]
}

async function headsOf(store: ObjectStore, bucket: string, keys: readonly string[]): Promise<Heads> {
  const [entries, gone, unclear]: [ObjectEntry[], string[], string[]] = [[], [], []]
  for (const key of keys) {
    const head = await store.head({ bucket, key })
    if (head.ok) entries.push(head.value)
    else if (head.failure.code === "store/missing") gone.push(key)
    else if (head.failure.kind !== "permanent") unclear.push(key)
  }
  return { entries, gone, unclear }
}

async function* each(entries: readonly ObjectEntry[]): AsyncGenerator<Result<ObjectEntry>> {
  for (const entry of entries) yield done(entry)
}

async function tellMissing(
  { table, append, clock }: Pick<FolderPorts, "table" | "append" | "clock">,
  bucket: string,
  keys: readonly string[],
): Promise<Result<void>> {
  const reports: Fact[] = []
  for (const key of keys) {
    const row = await table.element(bucket, key)
    if (!row.ok) return row
    if (row.value !== null && row.value.state !== "removed") reports.push(missing(row.value, clock.nowMs()))
  }
  return reports.length === 0 ? done(undefined) : append(reports)
}
