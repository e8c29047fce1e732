import {
  ASSEMBLER,
  HINTS,
  INSPECTOR,
  PROJECTOR,
  PROJECTORS,
  REGROUP,
  REMOVALS,
  RENDERER,
  REVIEWER,
} from "../../topology/graph.ts"
import { GROUPS, type Group } from "../../topology/groups.ts"
import type { Observation } from "../../topology/ports.ts"
import { done, type Failure, type Result } from "../events/result.ts"
import type { HeldSequences } from "../ingest/listing/held-sequences.ts"
import type { Interrupts } from "../system/interrupts.ts"
import { type BlockedFolders, type BlockedFrames, openBlockedFolders } from "./blocked-folders.ts"
import { type LogEnds, openLogEnds } from "./log-ends.ts"
import type { Projector, Worker } from "./roles.ts"
import { firstFailure, type GroupRun, runProjectors, runSequencer, runWorker, settleNow } from "./run-groups.ts"

/** Everything that the groups need which work on a folder in one process. */
export type EmbeddedPorts = Worker["ports"] & Projector["ports"] & Pick<Worker, "sequences">

/** One run over a folder. */
export type EmbeddedRun = {
  readonly ports: EmbeddedPorts
  readonly interrupts: Interrupts
  readonly observe: (observation: Observation) => void
  /** Brings elements in while the groups run: a scan, a retry, a watch. Ends when there is nothing more to bring. */
  readonly feed: (stop: AbortSignal) => Promise<Result<void>>
  /** Ends when all that is left waits for folders that cannot be written, instead of waiting with it. */
  readonly endsWhenBlocked: boolean
  /** Which sequences are left as they are, where the run is about some frames only; looked at before movies are made; absent: none. */
  readonly held?: HeldSequences | null
  /** Movies are made once all is read, without waiting for quiet. */
  readonly settlesAtEnd: boolean
}

/** How a run ended: all is done, all is done that can be, a stop was asked for before, or going on became impossible. */
export type RunEnding =
  | { readonly kind: "done" }
  | ({ readonly kind: "blocked" } & BlockedFrames)
  | { readonly kind: "stopped" }
  | { readonly kind: "broken"; readonly failure: Failure }

/**
 * Runs all groups in this process until the feed has ended and each group is at the end of the log, or until a stop is asked
 * for. The projector catches up before the feed begins, since a feed decides by the tables. The projectors end last, since
 * what the others finish after a stop request belongs in the tables, too.
 */
export async function runUntilDone({
  ports: opened,
  interrupts,
  observe,
  feed,
  endsWhenBlocked,
  held = null,
  settlesAtEnd,
}: EmbeddedRun): Promise<RunEnding> {
  const ports = held === null ? opened : { ...opened, sequences: holding(opened.sequences, held) }
  const { drain, abort } = interrupts
  const [stopping, lastStopping, last] = [new AbortController(), new AbortController(), new AbortController()]
  const stop = AbortSignal.any([drain, stopping.signal])
  const blockedFolders = openBlockedFolders(ports)
  const ends = openLogEnds(ports)
  const run: GroupRun = {
    stop,
    abort,
    last: last.signal,
    observe: (observation) => {
      observe(observation)
      blockedFolders.observe(observation)
      // Tables or receivers that are away at the end are caught up with by the next run.
      if (observation.kind === "outage" && drain.aborted) lastStopping.abort()
    },
  }
  const worker: Worker = { ports, sequences: ports.sequences, backfill: null, followOutputs: null }
  const settling = settlesAtEnd ? [] : runSequencer(worker, run)
  const working = firstFailure([...runWorker(worker, run), ...settling], [stopping])
  const projector: Projector = { ports, rowsPerMerge: ports.policy.batchRows }
  const projecting = firstFailure(runProjectors(projector, { ...run, stop: lastStopping.signal }), [
    stopping,
    lastStopping,
  ])
  const blocked = endsWhenBlocked ? blockedFolders.blocked : nothingBlocked
  const settle = settlesAtEnd ? () => settled(worker, run, { ends, held }) : nothingToSettle
  const fed = await feedAndDrain({ ports, feed, stop, blocked, settle, ends, last })
  const isDone = !stop.aborted
  stopping.abort()
  const stuck = await working
  const atEnd = await ends.untilAtEnd(PROJECTORS.map(groupOf), AbortSignal.any([abort, lastStopping.signal]))
  ends.close()
  lastStopping.abort()
  const broken = (await projecting) ?? stuck ?? failureOf(fed) ?? failureOf(atEnd)
  if (broken !== null) return { kind: "broken", failure: broken }
  if (fed.ok && fed.value !== null) return { kind: "blocked", ...fed.value }
  return isDone ? { kind: "done" } : { kind: "stopped" }
}

const groupOf = ({ group }: Group): string => group

const nothingBlocked: BlockedFolders["blocked"] = () => Promise.resolve(done(null))

const failureOf = (result: Result<unknown>): Failure | null => (result.ok ? null : result.failure)

type Draining = Pick<EmbeddedRun, "ports" | "feed"> &
  Pick<BlockedFolders, "blocked"> & {
    readonly stop: AbortSignal
    readonly settle: () => Promise<Result<void>>
    readonly ends: LogEnds
    /** To be aborted when all is taken in. */
    readonly last: AbortController
  }

const holding = (sequences: Worker["sequences"], { isHeld }: HeldSequences): Worker["sequences"] =>
  sequences && { ...sequences, settling: { ...sequences.settling, isHeld } }

const nothingToSettle = (): Promise<Result<void>> => Promise.resolve(done(undefined))

/** Makes the movies of all sequences that are complete by now. */
async function settled(
  worker: Worker,
  run: GroupRun,
  { ends, held }: { readonly ends: LogEnds; readonly held: HeldSequences | null },
): Promise<Result<void>> {
  if (worker.sequences === null) return done(undefined)
  const looked = held === null ? done(undefined) : await held.look(run.stop)
  if (!looked.ok) return looked
  const until = (groups: readonly Group[], stop: AbortSignal) => ends.untilAtEnd(groups.map(groupOf), stop)
  const told = await until([REMOVALS, REGROUP, HINTS], run.stop)
  if (!told.ok) return told
  const settledAll = await settleNow(worker, run, (stop) => until([GROUPS.sequencer], stop))
  const reviewer = worker.sequences.reviews === null ? [] : [REVIEWER]
  return settledAll.ok ? until([ASSEMBLER, ...reviewer], run.stop) : settledAll
}

/** What the renderer cannot do, where that ends the run; null when everything is done, or a stop was asked for. */
async function feedAndDrain(draining: Draining): Promise<Result<BlockedFrames | null>> {
  const { feed, stop, ends, last } = draining
  const caughtUp = await ends.untilAtEnd([PROJECTOR.group], stop)
  if (!caughtUp.ok) return caughtUp
  const fed = await feed(stop)
  if (!fed.ok) return fed
  const left = await untilAllSettled(draining)
  if (!left.ok) return left
  last.abort()
  const others = await ends.untilAtEnd([INSPECTOR, REMOVALS, ...PROJECTORS].map(groupOf), stop)
  return others.ok ? left : others
}

/** Movies may ask for frames to be made again: then these are rendered, and the movies come after them. */
async function untilAllSettled(draining: Draining): Promise<Result<BlockedFrames | null>> {
  const { ports, stop, settle } = draining
  for (let round = 1; ; round++) {
    const before = await arrivalsIn(ports.log)
    if (!before.ok) return before
    const left = await untilRendered(draining)
    if (!left.ok) return left
    const movies = await settle()
    if (!movies.ok) return movies
    const after = await arrivalsIn(ports.log)
    if (!after.ok) return after
    const isOver = after.value === before.value || round === MOST_ROUNDS
    if (isOver || left.value !== null || stop.aborted) return left
  }
}

/** A store that loses proxies as they are made would keep a run for ever; the next one takes up what is left. */
const MOST_ROUNDS = 3

/** How many arrivals were ever told of. */
async function arrivalsIn(log: EmbeddedPorts["log"]): Promise<Result<number>> {
  const ends = await log.ends(RENDERER.consumes)
  return ends.ok ? done(ends.value.reduce((sum, { offset }) => sum + offset, 0)) : ends
}

async function untilRendered({ ends, blocked, stop }: Draining): Promise<Result<BlockedFrames | null>> {
  for (;;) {
    const atEnd = await ends.isAtEnd(RENDERER.group)
    if (!atEnd.ok) return atEnd
    if (stop.aborted || atEnd.value) return done(null)
    const left = await blocked()
    if (!left.ok || left.value !== null) return left
    await ends.change(stop)
  }
}
