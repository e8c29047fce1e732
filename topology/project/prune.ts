import { fileNameOf } from "../../src/element/key.ts"
import { isOutputOf } from "../../src/element/output-metadata.ts"
import { besideSources, candidateNames, type OutputsFor, outputRef } from "../../src/element/output-places.ts"
import { ALL_OUTPUTS, storedInOrder } from "../../src/element/profiles.ts"
import { stamped } from "../../src/events/identity.ts"
import { done, failed, type Result } from "../../src/events/result.ts"
import { latestOf } from "../../src/events/time.ts"
import { missing } from "../../src/ingest/listing/listing.ts"
import type { EventLog } from "../../src/log/index.ts"
import type { ObjectHead, ObjectRef, ObjectStore } from "../../src/store/index.ts"
import type { Table } from "../../src/table/index.ts"
import type { ElementRow } from "../../src/table/rows.ts"
import { elementRemoved } from "../removals/confirm-removal.ts"
import { forget } from "./dismiss.ts"
import { project } from "./project.ts"
import { type PrunableMovie, prunableMovies, pruneMovie } from "./prune-movies.ts"

export type PrunePorts = {
  readonly store: ObjectStore
  /** Where outputs of a bucket's sources are. */
  readonly outputsFor: OutputsFor
  readonly table: Pick<Table, "elements" | "sequences" | "merge">
  readonly log: Pick<EventLog, "append">
  readonly generatorVersion: string
}

type SourceCheck = Pick<PrunePorts, "store" | "outputsFor">

/** Something that nobody needs any more: its source is gone, or somebody dismissed the failure. */
export type Prunable =
  | { readonly kind: "output"; readonly source: ObjectRef; readonly output: ObjectHead }
  | { readonly kind: "failure"; readonly row: ElementRow }
  | PrunableMovie

/** Sources that are looked at side by side. */
const AT_ONCE = 16

/**
 * Outputs whose source is gone, and failures of such sources or that were dismissed, in the order of keys; then movies
 * without their frames. Gone means that HEAD finds nothing;
 * an output counts only where its own metadata says that we made it of that source. What cannot be looked at stands as a
 * failure between them; an outage is the last value.
 */
export async function* prunable(
  { table, ...ports }: SourceCheck & Pick<PrunePorts, "table">,
  query: { readonly bucket?: string },
): AsyncGenerator<Result<Prunable>> {
  let rows: ElementRow[] = []
  for await (const row of table.elements({ ...query, states: ["removed", "failed", "dismissed"] })) {
    if (!row.ok) return yield row
    rows.push(row.value)
    if (rows.length < AT_ONCE) continue
    if (yield* lookAt(ports, rows)) return
    rows = []
  }
  if (yield* lookAt(ports, rows)) return
  yield* prunableMovies({ table, ...ports }, query)
}

/** True after an outage. */
async function* lookAt(ports: SourceCheck, rows: readonly ElementRow[]): AsyncGenerator<Result<Prunable>, boolean> {
  for (const found of await Promise.all(rows.map((row) => prunableOf(ports, row)))) {
    if (!found.ok) yield found
    if (!found.ok && found.failure.kind === "outage") return true
    if (found.ok) for (const one of found.value) yield done(one)
  }
  return false
}

async function prunableOf({ store, outputsFor }: SourceCheck, row: ElementRow): Promise<Result<readonly Prunable[]>> {
  const source: ObjectRef = { bucket: row.bucket, key: row.key }
  const gone = await isGone(store, source)
  if (!gone.ok) return gone
  if (!gone.value) return done(isShownDismissed(row) ? [{ kind: "failure", row }] : [])
  const found: Prunable[] = row.state === "removed" ? [] : [{ kind: "failure", row }]
  for (const head of await Promise.all(placesOf(row, outputsFor).map(store.head))) {
    if (!head.ok && head.failure.kind === "permanent") continue
    if (!head.ok) return head
    if (isOutputOf(head.value.metadata, fileNameOf(row.key))) found.push({ kind: "output", source, output: head.value })
  }
  return done(found)
}

/** A dismissed failure that `failures list --all` still shows. */
const isShownDismissed = ({ state, failure_code }: ElementRow): boolean =>
  state === "dismissed" && failure_code !== null

/** Where its outputs go, and beside it, where they may have gone before. */
function placesOf({ bucket, key }: ElementRow, outputsFor: OutputsFor): readonly ObjectRef[] {
  const bases = new Map(
    [outputsFor(bucket), besideSources(bucket)].map((base) => [`${base.bucket}/${base.prefix}`, base]),
  )
  return [...bases.values()]
    .flatMap((base) => candidateNames(key, base))
    .flatMap((names) => storedInOrder(ALL_OUTPUTS).map((output) => outputRef(names, output)))
}

async function isGone(store: ObjectStore, ref: ObjectRef): Promise<Result<boolean>> {
  const head = await store.head(ref)
  if (head.ok) return done(false)
  return head.failure.code === "store/missing" ? done(true) : failed(head.failure)
}

/**
 * Deletes the output, or takes the failure off the list; false where it is needed again: the source came back, or
 * somebody made the output anew.
 */
export async function prune(ports: PrunePorts, one: Prunable): Promise<Result<boolean>> {
  const { store } = ports
  if (one.kind === "movie") return pruneMovie(store, one)
  const ref = one.kind === "output" ? one.source : { bucket: one.row.bucket, key: one.row.key }
  const lookedAtMs = store.nowMs()
  const gone = await isGone(store, ref)
  if (!gone.ok) return gone
  if (!gone.value) return one.kind === "failure" && isShownDismissed(one.row) ? forgotten(ports, one.row) : done(false)
  if (one.kind === "failure") return takeOff(ports, one.row, lookedAtMs)
  const { bucket, key, etag } = one.output
  const deleted = await store.delete({ bucket, key }, { ifMatch: etag })
  if (deleted.ok) return done(true)
  return deleted.failure.code === "store/precondition-failed" ? done(false) : deleted
}

async function forgotten(ports: PrunePorts, row: ElementRow): Promise<Result<boolean>> {
  const told = await forget(ports, row, ports.store.nowMs())
  return told.ok ? done(true) : told
}

/** The fact, and its row at once: merging is a join, so the projector may do it again. */
async function takeOff(ports: PrunePorts, row: ElementRow, lookedAtMs: number): Promise<Result<boolean>> {
  const { element, causationId, sourceVersion, logicalTimeMs, eventTimeMs } = missing(row, lookedAtMs).value
  const draft = elementRemoved(
    {
      element: { ...element, trigger: "prune" },
      sourceVersion,
      eventTimeMs,
      logicalTimeMs: latestOf(logicalTimeMs ?? 0, lookedAtMs),
    },
    { generatorVersion: ports.generatorVersion, confirmedAtMs: lookedAtMs },
  )
  const fact = stamped(draft, { causationId, nowMs: lookedAtMs })
  const appended = await ports.log.append([fact])
  if (!appended.ok) return appended
  const merged = await ports.table.merge(project([fact]))
  return merged.ok ? done(true) : merged
}
