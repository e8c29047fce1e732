import { concatMap, EMPTY, firstValueFrom, from, of } from "rxjs"
import type { Fact } from "../../src/events/fact.ts"
import type { Failure } from "../../src/events/failure.ts"
import { done, type Result } from "../../src/events/result.ts"
import type { Delivery } from "../../src/log/index.ts"
import type { Outcome } from "../../src/notify/index.ts"
import { inBatches } from "../flow/batches.ts"
import { bury, buryFact } from "../flow/dead-letter.ts"
import { persist } from "../flow/retry.ts"
import { orAborted } from "../flow/signals.ts"
import { PROJECTOR } from "../graph.ts"
import type { ProjectorPorts, Stopping } from "../ports.ts"
import { isOfRender, project, unprojectable } from "./project.ts"

/**
 * Merges rows, then notifies, then moves the offset, batch after batch, until `stopping.stop`. Resolves with the failure
 * that made going on impossible (a refused table, say: skipping facts would make the table lie), or null. `graph` says
 * which topics: each projector lags by itself.
 */
export function runProjector(given: ProjectorPorts, stopping: Stopping, graph = PROJECTOR): Promise<Failure | null> {
  const ports = { ...given, ending: stopping.stop }
  const { batchRows, batchMs } = ports.policy
  const { group, consumes: topics } = graph
  const deliveries = ports.log.deliver({ group, topics, credits: 2 * batchRows, stop: stopping.stop })
  const ending = { abort: stopping.abort, orLost: orAborted(stopping.abort) }
  let broken: Failure | null = null
  const outcomes = from(deliveries).pipe(
    // After a failure that cannot be waited out nothing more is acknowledged: it all comes again after a restart.
    inBatches(async (batch) => (broken === null ? settleBatch(batch, ports, ending) : broken), {
      most: batchRows,
      waitMs: batchMs,
    }),
    concatMap((failure) => {
      broken = failure
      return failure === null ? EMPTY : of(failure)
    }),
  )
  // The first failure ends it: the caller then stops the deliveries.
  return firstValueFrom(outcomes, { defaultValue: null })
}

type Ending = { readonly abort: AbortSignal; readonly orLost: (lost: AbortSignal) => AbortSignal }

async function settleBatch(
  batch: readonly Result<Delivery>[],
  ports: ProjectorPorts,
  { abort, orLost }: Ending,
): Promise<Failure | null> {
  const deliveries = batch.flatMap((delivery) => (delivery.ok ? [delivery.value] : []))
  const facts = deliveries.flatMap(({ content }) => ("fact" in content ? [content.fact] : []))
  const misfits = await buryMisfits(deliveries, ports, abort)
  if (misfits === null) return null
  const told = await mergeAndTell(
    facts.filter((fact) => !misfits.has(fact)),
    ports,
    abort,
  )
  if (!told.ok) return told.failure.code === "stopped" ? null : told.failure
  await Promise.all(deliveries.map((delivery) => settle(delivery, ports, orLost(delivery.lost))))
  const ended = batch.find((delivery) => !delivery.ok)
  return ended === undefined || ended.ok ? null : ended.failure
}

/** Facts that no row can hold, kept as dead letters; null when the log would not take one of those. */
async function buryMisfits(
  deliveries: readonly Delivery[],
  ports: ProjectorPorts,
  abort: AbortSignal,
): Promise<ReadonlySet<Fact> | null> {
  const misfits = new Set<Fact>()
  for (const delivery of deliveries) {
    const says = "fact" in delivery.content ? unprojectable(delivery.content.fact) : null
    if (says === null || !("fact" in delivery.content)) continue
    if (!(await buryFact(delivery, says, ports, abort))) return null
    misfits.add(delivery.content.fact)
  }
  return misfits
}

async function mergeAndTell(facts: readonly Fact[], ports: ProjectorPorts, abort: AbortSignal): Promise<Result<void>> {
  const rows = project(facts)
  const merged = await persist("merge-rows", () => ports.table.merge(rows), ports, abort)
  if (!merged.result.ok) return merged.result
  const outcomes = facts.flatMap(outcomeOf)
  if (outcomes.length === 0) return done(undefined)
  const { result } = await persist("notify", () => ports.notifications.tell(outcomes), ports, abort)
  return result
}

const outcomeOf = (fact: Fact): readonly Outcome[] => {
  if (fact.topic === "proxy-made") return [{ made: fact.value }]
  return fact.topic === "element-failed" && isOfRender(fact.value) ? [{ failed: fact.value }] : []
}

/** A lost partition or an interruption leaves the record unacknowledged: it comes again, and merging again is harmless. */
async function settle(delivery: Delivery, ports: ProjectorPorts, signal: AbortSignal): Promise<void> {
  await ("fact" in delivery.content
    ? persist("acknowledge", () => delivery.acknowledge(), ports, signal)
    : bury(delivery, ports, signal))
}
