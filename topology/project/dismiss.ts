import type { FactOf } from "../../src/events/fact.ts"
import { stamped } from "../../src/events/identity.ts"
import { done, type Result } from "../../src/events/result.ts"
import { after } from "../../src/events/time.ts"
import { elementOf } from "../../src/ingest/listing/listing.ts"
import type { EventLog } from "../../src/log/index.ts"
import type { Table } from "../../src/table/index.ts"
import { type ElementRow, logicalTimeOf } from "../../src/table/rows.ts"
import { project } from "./project.ts"

export type DismissPorts = {
  readonly table: Pick<Table, "merge">
  readonly log: Pick<EventLog, "append">
  readonly generatorVersion: string
}

export type Dismissal = {
  readonly nowMs: number
  /** Who says so; null where nobody is named. */
  readonly by: string | null
  /** What told of it. */
  readonly trigger: "dismiss" | "prune"
}

/**
 * Says of failures that they need no more attention: facts, and their rows at once, since merging is a join and the
 * projector may do it again.
 */
export function dismiss(ports: DismissPorts, rows: readonly ElementRow[], dismissal: Dismissal): Promise<Result<void>> {
  return appendAndMerge(
    ports,
    rows.map((row) => dismissedFact(ports, row, dismissal)),
  )
}

/** What failed goes; which version is left alone stays, or the next listing would render it again. */
export const forget = (ports: DismissPorts, row: ElementRow, nowMs: number): Promise<Result<void>> => {
  const fact = dismissedFact(ports, row, { nowMs, by: null, trigger: "prune" })
  return appendAndMerge(ports, [{ ...fact, value: { ...fact.value, failure: null } }])
}

async function appendAndMerge(
  { log, table }: DismissPorts,
  facts: readonly FactOf<"failure-dismissed">[],
): Promise<Result<void>> {
  if (facts.length === 0) return done(undefined)
  const appended = await log.append(facts)
  return appended.ok ? table.merge(project(facts)) : appended
}

/** Its time is the first after the failure's, so that it replaces nothing else that came later. */
function dismissedFact(
  { generatorVersion }: Pick<DismissPorts, "generatorVersion">,
  row: ElementRow,
  { nowMs, by, trigger }: Dismissal,
): FactOf<"failure-dismissed"> {
  const logicalTimeMs = after(logicalTimeOf(row))
  const about = [row.element_id, String(logicalTimeMs)]
  const value = {
    element: elementOf(row, { trigger, elementId: row.element_id, attempt: row.attempt, nowMs }),
    sourceVersion: row.source_version,
    renderKey: row.render_key,
    fileId: row.file_id,
    failure: {
      stage: row.stage ?? "",
      code: row.failure_code ?? "",
      kind: row.failure_kind ?? "",
      says: row.failure_says ?? "",
      attempts: row.attempts,
    },
    dismissedBy: by,
    dismissedAtUs: nowMs * 1000,
    generatorVersion,
    logicalTimeMs,
  }
  return stamped({ topic: "failure-dismissed", about, value }, { causationId: row.element_id, nowMs })
}
