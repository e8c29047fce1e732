import { outputAddress } from "../../src/element/output-places.ts"
import { type Fact, isOfElement, type RecordByTopic } from "../../src/events/fact.ts"
import type {
  Element,
  ElementCreated,
  ElementFailed,
  ElementRemoved,
  FailureDismissed,
  ProxyMade,
  Source,
} from "../../src/events/records.generated.ts"
import { isCount, isTime, timestampText } from "../../src/events/time.ts"
import type { Topic } from "../../src/log/index.ts"
import type { Rows } from "../../src/table/index.ts"
import { type ElementRow, type Inspection, type ProxyOutputRow, versionOrder } from "../../src/table/rows.ts"
import type { SequenceRow } from "../../src/table/sequence-rows.ts"
import { unstorable } from "../../src/table/storable.ts"
import { GROUPS } from "../groups.ts"
import { INSPECTION_STAGES } from "../inspect/inspect-source.ts"
import { CONFIRM_REMOVAL } from "../removals/confirm-removal.ts"
import { inspectionOf } from "./project-inspection.ts"
import { movieRow, reviewRow, settledRow, untimelySequence } from "./project-sequence.ts"

/**
 * Folds facts into rows: pure, so live projection and rebuild cannot differ. Facts that no table shows give none, and so
 * do those that no row can hold ({@link unprojectable}), which the live projection tells of.
 */
export function project(facts: readonly Fact[]): Rows {
  const proxyOutputs: ProxyOutputRow[] = []
  const elements: ElementRow[] = []
  const inspections: Inspection[] = []
  const sequences: SequenceRow[] = []
  for (const fact of facts) {
    const rows = projected(fact)
    if (typeof rows === "string") continue
    proxyOutputs.push(...rows.proxyOutputs)
    elements.push(...rows.elements)
    inspections.push(...(rows.inspections ?? []))
    sequences.push(...(rows.sequences ?? []))
  }
  return { proxyOutputs, elements, inspections, sequences }
}

/**
 * Why a fact cannot become rows, as a sentence; null for one that can, or that no table shows. Facts of ours always can:
 * this is about what other producers write, which fits the schema and still no row.
 */
export function unprojectable(fact: Fact): string | null {
  const rows = projected(fact)
  return typeof rows === "string" ? rows : null
}

const NO_ROWS: Rows = { proxyOutputs: [], elements: [] }

function projected(fact: Fact): Rows | string {
  const wrong = untimely(fact)
  if (wrong !== null) return wrong
  const rows = { ...NO_ROWS, ...projectionOf(fact)?.rows(fact.value) }
  return unstorable(rows) ?? rows
}

/** Which rows a fact becomes, of which tables, and when it was told. Facts of other topics become none. */
type Projection<Value> = {
  readonly tables: readonly string[]
  readonly rows: (value: Value) => Partial<Rows>
  /** Epoch microseconds. */
  readonly toldAtUs?: (value: Value) => number
}

const arrival: Projection<ElementCreated> = {
  tables: ["elements"],
  rows: (value) => ({ elements: [queuedRow(value)] }),
}

const PROJECTIONS: { readonly [T in Fact["topic"]]?: Projection<RecordByTopic[T]> } = {
  "proxy-made": {
    tables: ["proxy_outputs", "elements"],
    rows: (value) => ({ proxyOutputs: [proxyOutputRow(value)], elements: [doneRow(value)] }),
    toldAtUs: ({ generatedAtUs }) => generatedAtUs,
  },
  "element-created": arrival,
  "element-created-backfill": arrival,
  "element-failed": {
    tables: ["elements"],
    rows: (value) => (isOfRender(value) ? { elements: [failedRow(value)] } : {}),
    toldAtUs: ({ failedAtUs }) => failedAtUs,
  },
  "element-removed": {
    tables: ["elements"],
    rows: (value) => ({ elements: removedRows(value) }),
    toldAtUs: ({ confirmedAtUs }) => confirmedAtUs,
  },
  "failure-dismissed": {
    tables: ["elements"],
    rows: (value) => ({ elements: [dismissedRow(value)] }),
    toldAtUs: ({ dismissedAtUs }) => dismissedAtUs,
  },
  "sequence-settled": {
    tables: ["sequences"],
    rows: (value) => ({ sequences: [settledRow(value)] }),
  },
  "movie-made": {
    tables: ["sequences"],
    rows: (value) => ({ sequences: [movieRow(value)] }),
    toldAtUs: ({ generatedAtUs }) => generatedAtUs,
  },
  "review-made": {
    tables: ["sequences"],
    rows: (value) => ({ sequences: [reviewRow(value) ?? []].flat() }),
    toldAtUs: ({ made, generatedAtUs }) => made?.generatedAtUs ?? generatedAtUs,
  },
  "source-inspected": {
    tables: ["files", "parts", "channels", "attributes"],
    rows: (value) => ({ inspections: [inspectionOf(value)] }),
    toldAtUs: ({ inspectedAtUs }) => inspectedAtUs,
  },
}

const projectionOf = ({ topic }: Fact): Projection<Fact["value"]> | undefined =>
  PROJECTIONS[topic] as Projection<Fact["value"]> | undefined

/** The tables that show facts of these topics. */
export const tablesOf = (topics: readonly Topic[]): readonly string[] => [
  ...new Set(topics.flatMap((topic) => (topic === "dead-letter" ? [] : (PROJECTIONS[topic]?.tables ?? [])))),
]

/** More attempts than this would change the order of rows, which compares digits as text. */
const MOST_ATTEMPTS = 999_999

/** Times that no date tells, and counters that stand for an order of rows. */
function untimely(fact: Fact): string | null {
  const about = isOfElement(fact) ? untimelyElement(fact.value.element) : null
  const wrong = about ?? untimelySequenceFact(fact)
  if (wrong !== null) return wrong
  const toldAtUs = projectionOf(fact)?.toldAtUs?.(fact.value)
  return toldAtUs === undefined || isCount(toldAtUs) ? null : `A row cannot have the time ${toldAtUs} us.`
}

function untimelySequenceFact({ topic, value }: Fact): string | null {
  if (topic === "sequence-settled" || topic === "movie-made") return untimelySequence(value)
  return topic === "review-made" && value.made !== null ? untimelySequence(value.made) : null
}

function untimelyElement({ arrivedAtMs, attempt }: Element): string | null {
  if (!(isTime(arrivedAtMs) && arrivedAtMs >= 0)) return `An element cannot have arrived at ${arrivedAtMs} ms.`
  return isCount(attempt) && attempt <= MOST_ATTEMPTS ? null : `An element cannot have the attempt ${attempt}.`
}

/**
 * A header that could not be inspected, a removal that could not be confirmed, or a frame that its sequence could not be
 * told of says nothing of the pictures: state,
 * retries and completion are the renderer's.
 */
export const isOfRender = ({ stage }: ElementFailed): boolean =>
  !INSPECTION_STAGES.has(stage) && stage !== CONFIRM_REMOVAL && stage !== GROUPS.regroup.name

/** The row of proxy_outputs: times and sizes from the fact, never from the projector's clock. */
export const proxyOutputRow = (made: ProxyMade): ProxyOutputRow => ({
  proxy_id: made.proxyId,
  file_id: made.source.fileId,
  s3_key: made.element.key,
  s3_bucket: made.element.bucket,
  asset_id: made.source.assetId,
  thumbnail_s3_key: outputAddress(made.element.bucket, made.thumbnail),
  proxy_s3_key: outputAddress(made.element.bucket, made.proxy),
  thumbnail_size_bytes: made.thumbnail.sizeBytes,
  proxy_size_bytes: made.proxy.sizeBytes,
  source_size_bytes: made.source.sizeBytes,
  source_colorspace: made.colorspace.name,
  thumb_colorspace: made.thumbnail.colorspace,
  proxy_colorspace: made.proxy.colorspace,
  thumb_resolution: `${made.thumbnail.width}x${made.thumbnail.height}`,
  proxy_resolution: `${made.proxy.width}x${made.proxy.height}`,
  processing_time_seconds: made.processingTimeSeconds,
  generated_timestamp: timestampText(made.generatedAtUs),
  generator_version: made.generatorVersion,
})

/** What every fact about an object's state has. */
type StatedOfObject = {
  readonly element: Element
  /** Null in facts of versions that ordered by the arrival's time alone. */
  readonly logicalTimeMs: number | null
  readonly source?: Source | null
}

const elementRow = ({ element, logicalTimeMs, source }: StatedOfObject, state: ElementRow["state"]): ElementRow => ({
  bucket: element.bucket,
  key: element.key,
  version_order: versionOrder(
    { ...element, logicalTimeMs: logicalTimeMs ?? element.arrivedAtMs, lastModifiedMs: source?.lastModifiedMs ?? 0 },
    state,
  ),
  element_id: element.elementId,
  state,
  source_version: null,
  render_key: null,
  file_id: null,
  stage: null,
  failure_code: null,
  failure_kind: null,
  failure_says: null,
  attempts: 0,
  attempt: element.attempt,
  thumbnail_key: null,
  proxy_key: null,
  changed_at_ms: element.arrivedAtMs,
})

const queuedRow = (fact: ElementCreated): ElementRow => elementRow(fact, "queued")

/**
 * Who looked for a source and found none has seen the same as who confirms a removal: nothing waits to be tried again. The
 * failure itself stays in the log, and whoever waits for the element is told.
 */
const failedRow = (fact: ElementFailed): ElementRow => ({
  ...elementRow(fact, fact.code === "source/gone" ? "removed" : "failed"),
  source_version: fact.source?.sourceVersion ?? null,
  render_key: fact.renderKey,
  file_id: fact.source?.fileId ?? null,
  stage: fact.stage,
  failure_code: fact.code,
  failure_kind: fact.kind,
  failure_says: fact.says,
  attempts: fact.attempts,
  changed_at_ms: Math.trunc(fact.failedAtUs / 1000),
})

const doneRow = (fact: ProxyMade): ElementRow => ({
  ...elementRow(fact, "done"),
  source_version: fact.source.sourceVersion,
  render_key: fact.renderKey,
  file_id: fact.source.fileId,
  thumbnail_key: outputAddress(fact.element.bucket, fact.thumbnail),
  proxy_key: outputAddress(fact.element.bucket, fact.proxy),
  changed_at_ms: Math.trunc(fact.generatedAtUs / 1000),
})

/** Where the event's spelling of the key was uncertain and neither exists, neither is shown. */
function removedRows(fact: ElementRemoved): readonly ElementRow[] {
  const { element, logicalTimeMs, sourceVersion, confirmedAtUs } = fact
  const { key, keyAlternative } = element
  return (keyAlternative === null ? [key] : [key, keyAlternative]).map((spelling) => ({
    ...elementRow({ element: { ...element, key: spelling }, logicalTimeMs }, "removed"),
    source_version: sourceVersion,
    changed_at_ms: Math.trunc(confirmedAtUs / 1000),
  }))
}

/** With no time of arrival of its own: of a dismissal and an arrival with the same logical time the arrival stays. */
const dismissedRow = ({ failure, ...fact }: FailureDismissed): ElementRow => ({
  ...elementRow({ ...fact, element: { ...fact.element, arrivedAtMs: 0 } }, "dismissed"),
  source_version: fact.sourceVersion,
  render_key: fact.renderKey,
  file_id: fact.fileId,
  stage: failure?.stage ?? null,
  failure_code: failure?.code ?? null,
  failure_kind: failure?.kind ?? null,
  failure_says: failure?.says ?? null,
  attempts: failure?.attempts ?? 0,
  changed_at_ms: Math.trunc(fact.dismissedAtUs / 1000),
})
