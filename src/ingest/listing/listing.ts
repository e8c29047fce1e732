import type { FactOf } from "../../events/fact.ts"
import { elementIdOf, stamped } from "../../events/identity.ts"
import type { Element, ElementCreated, HintReported, RemovalReported } from "../../events/records.generated.ts"
import { isCount, latestOf, statedMs } from "../../events/time.ts"
import { isDerivedEtag, type ObjectEntry } from "../../store/index.ts"
import { type ElementRow, laterThan, logicalTimeOf } from "../../table/rows.ts"

/** What is known of a listed object, besides the listing. */
export type ObjectKnowledge = {
  readonly row: ElementRow | null
  /** The log no longer holds the arrival that the row tells of: queued it would be for ever. */
  readonly isLost: boolean
  /** renderKey that its outputs must carry under today's settings. */
  readonly wantedRenderKey: string
  /** All outputs that the settings ask for are in the store, under the names that the row tells. */
  readonly outputsPresent: boolean
}

/** What is to be done about a listed object. */
export type Decision =
  | { readonly kind: "current" }
  | { readonly kind: "already-queued" }
  | { readonly kind: "failed-for-good"; readonly row: ElementRow }
  | { readonly kind: "dismissed" }
  | { readonly kind: "arrived"; readonly created: FactOf<"element-created"> }

/**
 * An object arrives by listing when nothing is known of it, when its bytes, the settings or the recipe changed, when
 * its outputs are gone, when its failure may pass, or when its last arrival was lost. Whatever is queued already asks
 * for the newest version when its turn comes; what failed for good waits for `failures retry`, and so does the version
 * whose failure somebody dismissed.
 */
export function decide(entry: ObjectEntry, known: ObjectKnowledge, nowMs: number): Decision {
  const { row } = known
  if (row === null) return arrived(entry, known, nowMs)
  if (row.state === "queued") return known.isLost ? arrived(entry, known, nowMs) : { kind: "already-queued" }
  if (row.state === "dismissed" && isDismissedVersion(row, entry)) return { kind: "dismissed" }
  const isSame =
    row.source_version === entry.sourceVersion && (row.render_key ?? known.wantedRenderKey) === known.wantedRenderKey
  if (row.state === "done" && isSame && known.outputsPresent) return { kind: "current" }
  if (row.state === "failed" && isSame && row.failure_kind === "permanent") return { kind: "failed-for-good", row }
  return arrived(entry, known, nowMs)
}

/** Where no version was seen before the failure, it is what was there then. Both times are the store's. */
const isDismissedVersion = (row: ElementRow, entry: ObjectEntry): boolean =>
  row.source_version === null ? entry.lastModifiedMs <= logicalTimeOf(row) : row.source_version === entry.sourceVersion

function arrived(
  { bucket, key, sourceVersion, sizeBytes, etag, lastModifiedMs }: ObjectEntry,
  { row, wantedRenderKey }: ObjectKnowledge,
  nowMs: number,
): Decision {
  const first = elementIdOf({ listing: { bucket, key, sourceVersion, renderKey: wantedRenderKey } })
  const attempt = (row?.attempt ?? -1) + 1
  // The version that comes back after a removal may be one that arrived before: its arrival is another one.
  const previous = row?.state === "removed" ? row.element_id : first
  const elementId = row === null ? first : elementIdOf({ again: { elementId: previous, attempt } })
  const element: Element = {
    ...blank,
    elementId,
    triggerId: elementId,
    trigger: "listing",
    bucket,
    key,
    sizeBytes: isCount(sizeBytes) ? sizeBytes : null,
    etag: isDerivedEtag(etag) ? null : etag,
    attempt,
    arrivedAtMs: nowMs,
  }
  // The store's clock says when the object came; what is known of it already may say more.
  const cameMs = statedMs(lastModifiedMs, nowMs)
  const logicalTimeMs = row === null ? latestOf(cameMs) : latestOf(cameMs, laterThan(row))
  return { kind: "arrived", created: createdFact(element, { causationId: elementId, logicalTimeMs }) }
}

/**
 * The element again: for retry, reprocess. Its id comes from the previous id and the counter, so that asking twice
 * before the first is taken up asks once.
 */
export function again(
  row: ElementRow,
  { trigger, force, nowMs, requestedBy = null }: TakenUpAgain,
): FactOf<"element-created"> {
  const attempt = row.attempt + 1
  const elementId = elementIdOf({ again: { elementId: row.element_id, attempt } })
  const element = elementOf(row, { trigger, elementId, attempt, nowMs })
  const logicalTimeMs = laterThan(row)
  return createdFact({ ...element, force }, { causationId: row.element_id, logicalTimeMs, requestedBy })
}

/** Why an element arrives again. */
export type TakenUpAgain = {
  readonly trigger: "retry" | "reprocess"
  /** Renders also where outputs are current. */
  readonly force: boolean
  readonly nowMs: number
  /** Who asked; null or absent where that is not known. */
  readonly requestedBy?: string | null
}

/** An element that only a row tells of. */
export function elementOf(
  { bucket, key }: ElementRow,
  {
    trigger,
    elementId,
    attempt,
    nowMs,
  }: Pick<Element, "trigger" | "elementId" | "attempt"> & { readonly nowMs: number },
): Element {
  return { ...blank, elementId, triggerId: elementId, trigger, bucket, key, attempt, arrivedAtMs: nowMs }
}

/** The fact that an element has arrived. */
export const createdFact = (
  element: Element,
  {
    causationId,
    logicalTimeMs,
    requestedBy = null,
  }: Pick<ElementCreated, "causationId" | "logicalTimeMs"> & Partial<Pick<ElementCreated, "requestedBy">>,
): FactOf<"element-created"> =>
  stamped(
    { topic: "element-created", about: [element.elementId], value: { element, logicalTimeMs, requestedBy } },
    { causationId, nowMs: element.arrivedAtMs },
  )

/** The fact that somebody says an element's source is gone. `element` is the report itself. */
export const reportedFact = (
  element: Element,
  { causationId, ...known }: Pick<RemovalReported, "causationId" | "sourceVersion" | "eventTimeMs" | "logicalTimeMs">,
): FactOf<"removal-reported"> =>
  stamped(
    { topic: "removal-reported", about: [element.elementId], value: { element, ...known } },
    { causationId, nowMs: element.arrivedAtMs },
  )

/** The fact that something says something of sequences. `element` is the report itself. */
export const hintFact = (
  element: Element,
  { causationId, by, gone = false }: Pick<HintReported, "causationId" | "by"> & Partial<Pick<HintReported, "gone">>,
): FactOf<"hint-reported"> =>
  stamped(
    { topic: "hint-reported", about: [element.elementId], value: { element, by, gone } },
    { causationId, nowMs: element.arrivedAtMs },
  )

/** The report that an object of which `row` tells was not listed. Its id comes from the row: missed twice, it is the same. */
export function missing(row: ElementRow, nowMs: number): FactOf<"removal-reported"> {
  const { bucket, key, attempt, element_id: causationId, source_version: sourceVersion } = row
  const elementId = elementIdOf({ missing: { elementId: causationId } })
  const known = { triggerId: elementId, trigger: "listing", bucket, key, attempt, arrivedAtMs: nowMs }
  const logicalTimeMs = laterThan(row)
  return reportedFact(
    { ...blank, elementId, ...known },
    { causationId, sourceVersion, eventTimeMs: null, logicalTimeMs },
  )
}

/** What a listing knows of an object that is no frame. */
export const listedElement = (known: Pick<Element, "bucket" | "key" | "elementId">, nowMs: number): Element => ({
  ...{ ...blank, ...known },
  ...{ triggerId: known.elementId, trigger: "listing", attempt: 0, arrivedAtMs: nowMs },
})

/** What a listing cannot know. */
const blank = {
  keyAlternative: null,
  force: false,
  etag: null,
  sizeBytes: null,
  versionId: null,
  sequencer: null,
  assetId: null,
  jobId: null,
  projectId: null,
  shotId: null,
  traceparent: null,
  tracestate: null,
} satisfies Partial<Element>
