import { filter, firstValueFrom, from } from "rxjs"
import type { Fact } from "../../src/events/fact.ts"
import type { ReviewMade } from "../../src/events/records.generated.ts"
import { done, type Failure, type Result } from "../../src/events/result.ts"
import type { Delivery, Topic } from "../../src/log/index.ts"
import { joblessElementOf, type Outcome } from "../../src/notify/index.ts"
import { bury, buryValue } from "../flow/acknowledge.ts"
import { inBatches } from "../flow/batches.ts"
import { orAborted, persist } from "../flow/retry.ts"
import type { Group } from "../groups.ts"
import type { ProjectorPorts, Stopping } from "../ports.ts"
import { isOfRender, project, tablesOf, unprojectable } from "./project.ts"

/**
 * Merges rows, then notifies, then moves the offset, batch after batch, until `stopping.stop`. Resolves with the failure
 * that made going on impossible (a refused table, say: skipping facts would make the table lie), or null. Each
 * projector lags by itself.
 */
export function runProjector(
  projector: ProjectorGroup,
  given: ProjectorPorts,
  stopping: Stopping,
): Promise<Failure | null> {
  const ports = { ...given, ending: stopping.stop }
  const { batchRows, batchMs } = ports.policy
  const { group, consumes: topics, stages } = projector
  const deliveries = ports.log.deliver({ group, topics, credits: 2 * batchRows, stop: stopping.stop })
  const ending = { abort: stopping.abort, orLost: orAborted(stopping.abort), stages }
  let broken: Failure | null = null
  // After a failure that cannot be waited out nothing more is acknowledged: it all comes again after a restart.
  const settled = async (batch: readonly Result<Delivery>[]): Promise<Failure | null> => {
    broken ??= await settleBatch(batch, ports, ending)
    return broken
  }
  const failures = from(deliveries).pipe(
    inBatches(settled, { most: batchRows, waitMs: batchMs, clock: ports.clock, last: stopping.last }),
    filter((failure) => failure !== null),
  )
  // The first failure ends it: the caller then stops the deliveries.
  return firstValueFrom(failures, { defaultValue: null })
}

type Ending = Pick<ProjectorGroup, "stages"> & {
  readonly abort: AbortSignal
  readonly orLost: (lost: AbortSignal) => AbortSignal
}

async function settleBatch(
  batch: readonly Result<Delivery>[],
  ports: ProjectorPorts,
  { abort, orLost, stages }: Ending,
): Promise<Failure | null> {
  const deliveries = batch.flatMap((delivery) => (delivery.ok ? [delivery.value] : []))
  const facts = deliveries.flatMap(({ content }) => ("fact" in content ? [content.fact] : []))
  const misfits = await buryMisfits(deliveries, ports, abort)
  if (misfits === null) return null
  const told = await inSteps(
    facts.filter((fact) => !misfits.has(fact)),
    ports,
    { stages, abort },
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
    const { fact } = delivery.content
    if (!(await buryValue(delivery, { value: fact.value, says }, ports, abort))) return null
    misfits.add(fact)
  }
  return misfits
}

async function inSteps(
  facts: readonly Fact[],
  ports: ProjectorPorts,
  { stages, abort }: Pick<Ending, "stages" | "abort">,
): Promise<Result<void>> {
  for (const step of stages) {
    const { result } = await persist(step.name, () => timed(step, facts, ports), ports, abort)
    if (!result.ok) return result
  }
  return done(undefined)
}

/** One try of a step, which takes the whole batch. */
async function timed(
  { name, run }: ProjectorStep,
  facts: readonly Fact[],
  ports: ProjectorPorts,
): Promise<Result<void>> {
  const begunMs = ports.clock.steadyMs()
  const running = run(facts, ports)
  if (running === null) return done(undefined)
  const result = await running
  ports.observe({ kind: "step", step: name, ms: ports.clock.steadyMs() - begunMs, ok: result.ok })
  return result
}

/** A lost partition or an interruption leaves the record unacknowledged: it comes again, and merging again is harmless. */
async function settle(delivery: Delivery, ports: ProjectorPorts, signal: AbortSignal): Promise<void> {
  await ("fact" in delivery.content
    ? persist("acknowledge", () => delivery.acknowledge(), ports, signal)
    : bury(delivery, ports, signal))
}

export type ProjectorStep = {
  readonly name: string
  readonly says: string
  /** Tables and messages. */
  readonly writes: readonly string[]
  /** Null where there is nothing to do. */
  readonly run: (facts: readonly Fact[], ports: ProjectorPorts) => Promise<Result<void>> | null
}

/** A group that takes its facts through its steps batch by batch. */
export type ProjectorGroup = Group & { readonly stages: readonly ProjectorStep[] }

export const mergeRows = (topics: readonly Topic[]): ProjectorStep => ({
  name: "merge-rows",
  says: "folds facts into rows; last writer wins, so repeats and order do not matter",
  writes: tablesOf(topics),
  run: (facts, { table }) => table.merge(project(facts)),
})

export const notify: ProjectorStep = {
  name: "notify",
  says: "tells the outside world, after the rows and before the offset; a replay never does",
  writes: ["proxy.generated", "completion event", "sequence.generated"],
  run: (facts, { notifications, policy, observe }) => {
    const outcomes = facts.flatMap(outcomeOf)
    if (outcomes.length === 0) return null
    if (policy.spaceharbor === true)
      for (const outcome of outcomes) {
        const jobless = joblessElementOf(outcome)
        if (jobless !== null)
          observe({ kind: "no-job", bucket: jobless.bucket, key: jobless.key, success: "made" in outcome })
      }
    return notifications.tell(outcomes)
  },
}

const outcomeOf = (fact: Fact): readonly Outcome[] => {
  if (fact.topic === "proxy-made") return [{ made: fact.value }]
  if (fact.topic === "movie-made")
    return fact.value.movie === null ? [] : [{ movie: { ...fact.value, movie: fact.value.movie } }]
  if (fact.topic === "review-made") return copyOf(fact.value)
  return fact.topic === "element-failed" && isOfRender(fact.value) ? [{ failed: fact.value }] : []
}

function copyOf({ made, review, ...of }: ReviewMade): readonly Outcome[] {
  if (made === null || made.movie === null || review === null) return []
  return [{ copy: { ...of, review, made: { ...made, movie: made.movie } } }]
}
