import type { Fact } from "../../src/events/fact.ts"
import { done, type Failure, type Result } from "../../src/events/result.ts"
import type { EventLog, LogEnd } from "../../src/log/index.ts"
import type { Rebuild, RebuildReport, Table } from "../../src/table/index.ts"
import { PROJECTORS } from "../graph.ts"
import { project } from "./project.ts"

/** Facts folded at once. */
const BATCH = 1000

export type RebuildPorts = {
  readonly log: EventLog
  readonly table: Table
  readonly onProgress?: (facts: number) => void
}

/**
 * Replays the projectors' topics into tables built beside the live ones, then puts them in their place. A replay
 * never notifies. Records that cannot be decoded are skipped: they are in the dead-letter topic already.
 */
export async function rebuildTables(ports: RebuildPorts): Promise<Result<RebuildReport & { readonly facts: number }>> {
  const at = await ports.log.ends(PROJECTORS.flatMap(({ consumes }) => consumes))
  if (!at.ok) return at
  const rebuild = await ports.table.rebuild()
  if (!rebuild.ok) return rebuild
  const replayed = await replay(ports, rebuild.value)
  const report = replayed.ok ? await rebuild.value.replace(...coveredBy(at.value)) : replayed
  await rebuild.value.close()
  if (!report.ok) return report
  return done({ ...report.value, facts: replayed.ok ? replayed.value : 0 })
}

/** How far each projector's own topics are covered. */
const coveredBy = (ends: LogEnd) =>
  PROJECTORS.map(({ group, consumes }) => ({ group, at: ends.filter(({ topic }) => consumes.includes(topic)) }))

async function replay({ log, onProgress }: RebuildPorts, rebuild: Rebuild): Promise<Result<number>> {
  let facts = 0
  for (const topic of PROJECTORS.flatMap(({ consumes }) => consumes)) {
    let batch: Fact[] = []
    const flush = async (): Promise<{ readonly ok: false; readonly failure: Failure } | null> => {
      const merged = await rebuild.merge(project(batch))
      facts += batch.length
      onProgress?.(facts)
      batch = []
      return merged.ok ? null : merged
    }
    for await (const record of log.read(topic)) {
      if (!record.ok) return record
      if ("fact" in record.value.content) batch.push(record.value.content.fact)
      const broken = batch.length < BATCH ? null : await flush()
      if (broken !== null) return broken
    }
    const broken = await flush()
    if (broken !== null) return broken
  }
  return done(facts)
}
