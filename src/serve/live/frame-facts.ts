// What the log tells of one frame, across topics.

import { type Fact, isArrival, isOfElement, partitionKey } from "../../events/fact.ts"
import { done, type Result } from "../../events/result.ts"
import type { EventLog, StoredRecord, Topic } from "../../log/index.ts"
import type { ObjectRef } from "../../store/index.ts"
import { arrivedAtOf, type ElementRow } from "../../table/rows.ts"
import { type EventBody, eventBody } from "./event.ts"

/** Topics of facts about a source, in the order in which they follow from each other. */
const TOPICS_OF_ELEMENTS: readonly Topic[] = [
  "element-created",
  "element-created-backfill",
  "source-inspected",
  "source-fetched",
  "colorspace-detected",
  "thumbnail-made",
  "proxy-made",
  "element-failed",
  "failure-dismissed",
  "removal-reported",
  "element-removed",
  "hint-reported",
]

/** What of the log was read, by the time when it took its records in; null: from the beginning, up to now. */
export type TimeRange = { readonly sinceMs: number | null; readonly untilMs: number | null }

export const ALL_TIMES: TimeRange = { sinceMs: null, untilMs: null }

const MINUTE_MS = 60_000

/** How long after a row changed something about it may still come: the header, where the inspector lags. */
const LATER_MS = 60 * MINUTE_MS

/** Of a frame of which no row tells. */
const RECENTLY_MS = 60 * MINUTE_MS

/**
 * The time from the arrival that a row tells of to what became of it, with room for clocks that differ: where a log has no
 * index on keys, the rest of it is not read.
 */
export const timesOf = (row: ElementRow | null, nowMs: number): TimeRange =>
  row === null
    ? { sinceMs: nowMs - RECENTLY_MS, untilMs: null }
    : {
        sinceMs: arrivedAtOf(row) - MINUTE_MS,
        untilMs: row.state === "queued" ? null : row.changed_at_ms + LATER_MS,
      }

/** Most facts that are given of one frame: the newest. */
const MOST_FACTS = 2_000

/** One arrival, and what it took. */
export type Attempt = {
  readonly element_id: string
  readonly trigger: string
  readonly attempt: number
  readonly arrived_at_ms: number
  /** When the log took its outcome in; null while there is none. */
  readonly ended_at_ms: number | null
  readonly outcome: "made" | "reused" | "failed" | "removed" | null
  /** Time of each stage, in the order in which the fact tells them; empty where nothing was rendered. */
  readonly stages: readonly { readonly name: string; readonly ms: number }[]
  /** Time in which nothing was done for it: from its arrival to its outcome, less its stages; null while there is no outcome. */
  readonly waited_ms: number | null
}

export type FrameFacts = {
  /** In the order of time; what follows from another fact comes after it. */
  readonly facts: readonly EventBody[]
  readonly attempts: readonly Attempt[]
  /** Facts that are older than those that are given. */
  readonly leftOut: number
}

/** The facts of one object. Reads what has its partition key, in no other time than the given. Fails as the log does. */
export async function frameFacts(
  log: Pick<EventLog, "read">,
  object: ObjectRef,
  { sinceMs, untilMs }: TimeRange,
): Promise<Result<FrameFacts>> {
  const key = partitionKey(object)
  const range = { ...(sinceMs === null ? {} : { sinceMs }), ...(untilMs === null ? {} : { untilMs }) }
  const newest = newestRecords()
  for await (const record of log.read(TOPICS_OF_ELEMENTS, { key, ...range })) {
    if (!record.ok) return record
    if (isAbout(record.value, object)) newest.add(record.value)
  }
  const { records, leftOut } = newest.all()
  const ordered = inOrder(records)
  return done({ facts: ordered.map(eventBody), attempts: attemptsIn(ordered), leftOut })
}

/** A sibling of another extension has the same key. What nobody can decode may be about either. */
function isAbout({ content }: StoredRecord, { bucket, key }: ObjectRef): boolean {
  if (!("fact" in content)) return true
  const { fact } = content
  return isOfElement(fact) && fact.value.element.bucket === bucket && isCalled(fact.value.element, key)
}

const isCalled = (element: { readonly key: string; readonly keyAlternative: string | null }, key: string): boolean =>
  element.key === key || element.keyAlternative === key

/** Topics come one after the other: each keeps its newest, and all together theirs. */
function newestRecords() {
  let kept: StoredRecord[] = []
  let leftOut = 0
  const trim = (): void => {
    kept = kept.toSorted(byTime)
    leftOut += Math.max(0, kept.length - MOST_FACTS)
    kept = kept.slice(-MOST_FACTS)
  }
  return {
    add: (record: StoredRecord): void => {
      if (kept.push(record) >= 2 * MOST_FACTS) trim()
    },
    all: () => {
      trim()
      return { records: kept, leftOut }
    },
  }
}

const rankOf = ({ at }: StoredRecord): number => TOPICS_OF_ELEMENTS.indexOf(at.topic)

const byTime = (one: StoredRecord, other: StoredRecord): number =>
  one.timestampMs - other.timestampMs || rankOf(one) - rankOf(other) || one.at.offset - other.at.offset

const factOf = ({ content }: StoredRecord): Fact | null => ("fact" in content ? content.fact : null)

/** By time; but no effect stands before its cause, whatever the clocks said. */
function inOrder(records: readonly StoredRecord[]): readonly StoredRecord[] {
  const byId = new Map(records.map((record) => [factOf(record)?.value.factId ?? record, record]))
  const ordered = new Set<StoredRecord>()
  for (const record of records) {
    const chain: StoredRecord[] = []
    // A forged circle of causes ends where it meets itself.
    for (let next: StoredRecord | undefined = record; next && !ordered.has(next) && !chain.includes(next); ) {
      chain.push(next)
      next = byId.get(factOf(next)?.value.causationId ?? "")
    }
    for (const one of chain.reverse()) ordered.add(one)
  }
  return [...ordered]
}

/** Facts that end an arrival's way. */
const OUTCOMES: Readonly<Partial<Record<Topic, Attempt["outcome"]>>> = {
  "proxy-made": "made",
  "element-failed": "failed",
  "element-removed": "removed",
}

function attemptsIn(records: readonly StoredRecord[]): readonly Attempt[] {
  const outcomes = new Map<string, StoredRecord>()
  for (const record of records) {
    const fact = factOf(record)
    if (fact !== null && isOfElement(fact) && OUTCOMES[fact.topic] !== undefined)
      outcomes.set(fact.value.element.elementId, record)
  }
  const attempts = new Map<string, Attempt>()
  for (const record of records) {
    const fact = factOf(record)
    if (fact === null || !isArrival(fact)) continue
    const { elementId, trigger, attempt, arrivedAtMs } = fact.value.element
    const known = { element_id: elementId, trigger, attempt, arrived_at_ms: arrivedAtMs }
    attempts.set(elementId, { ...known, ...outcomeOf(outcomes.get(elementId), arrivedAtMs) })
  }
  return [...attempts.values()]
}

function outcomeOf(
  record: StoredRecord | undefined,
  arrivedAtMs: number,
): Pick<Attempt, "ended_at_ms" | "outcome" | "stages" | "waited_ms"> {
  const fact = record === undefined ? null : factOf(record)
  if (record === undefined || fact === null) return { ended_at_ms: null, outcome: null, stages: [], waited_ms: null }
  const made = fact.topic === "proxy-made" ? fact.value : null
  const stages = made === null || made.reused ? [] : Object.entries(made.timingsMs)
  const busyMs = made === null || made.reused ? 0 : made.processingTimeSeconds * 1000
  return {
    ended_at_ms: record.timestampMs,
    outcome: made?.reused === true ? "reused" : (OUTCOMES[fact.topic] ?? null),
    stages: stages.map(([name, ms]) => ({ name, ms })),
    waited_ms: Math.max(0, Math.round(record.timestampMs - arrivedAtMs - busyMs)),
  }
}
