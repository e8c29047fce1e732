import { stepsOf, type TopologyGraph } from "../../topology/describe.ts"
import { runGroup } from "../../topology/flow/run-group.ts"
import { runRetelling } from "../../topology/flow/run-retelling.ts"
import { runWorkflow, type WorkflowPorts } from "../../topology/flow/run-workflow.ts"
import {
  ASSEMBLER,
  BACKFILL,
  HINTS,
  INSPECTOR,
  PROJECTOR,
  PROJECTORS,
  REGROUP,
  REMOVALS,
  RENDERER,
  REVIEWER,
  SEQUENCER,
} from "../../topology/graph.ts"
import { intakeGroup } from "../../topology/groups.ts"
import type { FlowPorts, Observation, Policy, RendererPorts, Stopping } from "../../topology/ports.ts"
import { runProjector } from "../../topology/project/projector.ts"
import { sequencerGroup } from "../../topology/sequence/settle.ts"
import type { Config } from "../config/index.ts"
import { asksForReviews } from "../config/review-rules.ts"
import { done, type Failure, failed, type Result } from "../events/result.ts"
import { TAKE_IN } from "../ingest/steps.ts"
import { type Clock, within } from "../system/clock.ts"
import type { Interrupts } from "../system/interrupts.ts"
import type { Projector, Role, Sequences, Worker } from "./roles.ts"

/** Something that goes on until it is stopped; resolves with what made going on impossible, else null. */
export type Running = Promise<Failure | null>

/** How groups are run: until they are stopped, and who hears of what they do. */
export type GroupRun = Stopping & { readonly observe: (observation: Observation) => void }

/** Today's arrivals and removals, and beside them a backfill with a small share of its own. */
export function runWorker(
  { ports: opened, sequences, backfill, followOutputs }: Worker,
  run: GroupRun,
): readonly Running[] {
  const { observe, stop } = run
  const ports = { ...opened, observe }
  const following = followOutputs?.(stop, (failure, waitMs) =>
    observe({ kind: "outage", step: "known-outputs", failure, waitMs }),
  )
  return [
    ...(following ? [following.then(() => null)] : []),
    runGroup(RENDERER, ports, run),
    runGroup(INSPECTOR, ports, run),
    runGroup(REMOVALS, ports, run),
    ...(sequences === null
      ? []
      : [
          runRetelling(REGROUP, { ...ports, ...sequences }, run),
          runGroup(HINTS, { ...ports, ...sequences, policy: hintReading(ports.policy) }, run),
          runGroup(ASSEMBLER, { ...ports, ...sequences, policy: movieMaking(ports.policy) }, run),
          ...reviewers(sequences, ports, run),
        ]),
    ...(backfill === null ? [] : [runGroup(BACKFILL, { ...ports, policy: backfill }, run)]),
  ]
}

/** Hints under way at once; each may hold a timeline of 64 MiB. */
const HINTS_IN_FLIGHT = 4

const hintReading = (policy: Policy): Policy => ({ ...policy, credits: HINTS_IN_FLIGHT, lookAhead: 0 })

/** Settlements under way at once; each may hold the list of a long sequence. */
const MOVIES_IN_FLIGHT = 2

const movieMaking = (policy: Policy): Policy => ({ ...policy, credits: MOVIES_IN_FLIGHT, lookAhead: 0 })

/** One copy at a time, by one thread: renders go on beside it. */
const reviewMaking = (policy: Policy): Policy => ({ ...policy, credits: 1, lookAhead: 0, rendersInFlight: 1 })

/** Only where settings ask for some, so that a group that begins later makes those of the past, too. */
const reviewers = (
  { reviews }: Sequences,
  ports: FlowPorts & Pick<RendererPorts, "store" | "scratch">,
  run: GroupRun,
): readonly Running[] =>
  reviews === null ? [] : [runGroup(REVIEWER, { ...ports, ...reviews, policy: reviewMaking(ports.policy) }, run)]

/** Settles sequences once they were quiet, until it is stopped. */
export const runSequencer = (
  { ports, sequences }: Pick<Worker, "ports" | "sequences">,
  run: GroupRun,
): readonly Running[] =>
  sequences === null ? [] : [runWorkflow(sequencerGroup(sequences.settling), sequencing(ports, sequences, run), run)]

const sequencing = (ports: Worker["ports"], { spill }: Sequences, { observe }: GroupRun): WorkflowPorts => ({
  ...ports,
  observe,
  spill,
})

/** Settles all that is complete by now, without waiting for quiet: for whoever knows that nothing more comes. */
export async function settleNow(
  { ports, sequences }: Pick<Worker, "ports" | "sequences">,
  run: GroupRun,
  atEnd: (stop: AbortSignal) => Promise<Result<void>>,
): Promise<Result<void>> {
  if (sequences === null) return done(undefined)
  const enough = new AbortController()
  const asked = Promise.withResolvers<null>()
  const stop = AbortSignal.any([run.stop, enough.signal])
  const group = { ...sequencerGroup({ ...sequences.settling, quietMs: 0, isLast: true }), tickMs: SOON_MS }
  const stopping = { stop, abort: run.abort }
  const running = runWorkflow(group, sequencing(ports, sequences, run), stopping, () => asked.resolve(null))
  const broken = await Promise.race([asked.promise, running])
  const read = broken === null ? await atEnd(stop) : failed(broken)
  enough.abort()
  const failure = await running
  return failure === null ? read : failed(failure)
}

const SOON_MS = 25

/** Of each group one process works and the others stand by. */
export function runProjectors({ ports: opened, rowsPerMerge }: Projector, run: GroupRun): readonly Running[] {
  const ports = { ...opened, observe: run.observe }
  return PROJECTORS.map((projector) => {
    const policy = projector === PROJECTOR ? { ...ports.policy, batchRows: rowsPerMerge } : ports.policy
    return runProjector(projector, { ...ports, policy }, run)
  })
}

/** A consumer group that a process should be a member of, and the steps of its way. */
export type ServedGroup = { readonly group: string; readonly steps: readonly string[] }

/** The groups that a process of these roles should be a member of. */
export function servedGroups(roles: readonly Role[], config: Config): readonly ServedGroup[] {
  const backfill = config.backfillRendersInFlight === 0 ? [] : [BACKFILL]
  const reviewer = asksForReviews(config) ? [REVIEWER] : []
  return [
    ...(roles.includes("ingest") && config.intakeTopics.length > 0
      ? [{ group: intakeGroup(config), steps: [TAKE_IN.name] }]
      : []),
    ...(roles.includes("worker")
      ? [RENDERER, ...backfill, INSPECTOR, REMOVALS, REGROUP, HINTS, SEQUENCER, ASSEMBLER, ...reviewer].map(servedGroup)
      : []),
    ...(roles.includes("projector") ? PROJECTORS.map(servedGroup) : []),
  ]
}

const servedGroup = ({ name, group = name, stages }: TopologyGraph): ServedGroup => ({
  group,
  steps: stepsOf(stages).map(({ name }) => name),
})

/**
 * However one of them ends, `others` are aborted. Resolves with the first failure once all have ended, and rejects with a
 * bug at once.
 */
export async function firstFailure(
  running: readonly Running[],
  others: readonly AbortController[],
): Promise<Failure | null> {
  const ends = running.map((one) =>
    one.finally(() => {
      for (const other of others) other.abort()
    }),
  )
  return (await Promise.all(ends)).find((failure) => failure !== null) ?? null
}

/** Time that a process which met a bug may still take, once for finishing and once for closing. */
const AFTER_BUG_MS = 10_000

export type Patience = { readonly clock: Pick<Clock, "sleep">; readonly interrupts: Pick<Interrupts, "abort"> }

/**
 * However one of them ends, the others are told to end with it: a process does all of its work or none. Resolves with the
 * first failure once all have ended. After a bug the others finish what they have begun, as far as they still can; then
 * it rejects with the bug.
 */
export async function allOrNone(
  running: readonly Running[],
  enough: AbortController,
  patience: Patience,
): Promise<Failure | null> {
  try {
    return await firstFailure(running, [enough])
  } finally {
    await atMostAWhile(patience, Promise.allSettled(running))
  }
}

/** Waits for what is to be done after a bug, but not for ever. */
export const atMostAWhile = ({ clock, interrupts }: Patience, work: Promise<unknown>): Promise<unknown> =>
  within({ clock, ms: AFTER_BUG_MS, late: () => undefined, stop: interrupts.abort }, work)
