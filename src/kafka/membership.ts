import type { Assignment, Batch, Consumer, Offsets, PartitionAssigner } from "kafkajs"
import { done, type Failure, failed, failure, type Result } from "../events/result.ts"
import { backoffMs, type Clock, SERVER_AWAY, within } from "../system/clock.ts"
import { type Brokers, quietly, RETRY } from "./index.ts"

/** How a member of a group behaves. Defaults suit a service; tests shorten them. */
export type GroupTiming = {
  /** A member that is silent for so long loses its partitions, milliseconds. Brokers allow 6,000 to 1,800,000. */
  readonly sessionTimeoutMs: number
  readonly heartbeatMs: number
  /** Longest wait of a fetch that finds nothing; far below the session time-out, since heartbeats go out between fetches. */
  readonly fetchWaitMs: number
  /** Shortest time between two commits of offsets, milliseconds. */
  readonly commitEveryMs: number
}

export const TIMING: GroupTiming = {
  sessionTimeoutMs: 15_000,
  heartbeatMs: 3_000,
  fetchWaitMs: 150,
  commitEveryMs: 200,
}

/** Handlers return at once, so that a member rejoins as soon as it hears of a rebalance. */
const REBALANCE_WITHIN_MS = 15_000

/** Records of a partition that one fetch brings at most, in bytes; a larger record comes alone. */
const PARTITION_FETCH_BYTES = 262_144
const FETCH_BYTES = 4_194_304

/** How long beyond its session the client may do nothing at all before it counts as hanging. It reports no such thing itself. */
const SILENT_FOR_MS = 30_000

const GOODBYE_WITHIN_MS = 10_000

export type Hooks = {
  /** Joined or rejoined; fetching begins at the group's offsets, all partitions unpaused. */
  readonly onJoined: (assignment: Assignment, consumer: Consumer) => void
  readonly onBatch: (batch: Batch) => void
  /** There is no record for readers up to this offset: what was fetched is transaction markers or compacted away. */
  readonly onPassed: (topic: string, partition: number, offset: number) => void
  /** The last chance to move offsets before a rebalance. */
  readonly onRebalancing: () => void
  /** The member is out of the group and tries to come back; with the failure when it does not try any more. */
  readonly onOutage: (problem: Failure) => void
  readonly onEnded: (problem: Failure) => void
  /** A bug, of a hook or of the membership, ended it; {@link Membership.leave} rejects with it too. */
  readonly onBug: (bug: unknown) => void
}

export type MemberOptions = {
  readonly brokers: Brokers
  readonly clock: Clock
  readonly groupId: string
  readonly topics: readonly string[]
  readonly timing: GroupTiming
  readonly assigners?: readonly PartitionAssigner[]
  readonly hooks: Hooks
}

export type Membership = {
  pause(topic: string, partition: number): void
  resume(topic: string, partition: number): void
  /** Moves offsets once, under the present generation. Fails log/unreachable while out of the group. */
  commit(offsets: Offsets): Promise<Result<void>>
  /** Rejects with the bug that ended the membership before. */
  leave(): Promise<void>
}

/** One stay in the group, from joining to the crash that ends it. */
type Stay = {
  readonly consumer: Consumer
  commit: ((offsets: Offsets) => Promise<void>) | null
}

/**
 * Keeps a member in its group: joins, and joins anew with a client of its own after every crash that may pass. kafkajs
 * is not left to restart by itself, since it takes most outages for final.
 */
export function joinGroup(of: MemberOptions): Membership {
  const leaving = new AbortController()
  let stay: Stay | null = null
  const life = keepMember(of, leaving.signal, (next) => {
    stay = next
  })
  life.catch(of.hooks.onBug)
  const outside = failure("log/unreachable", `Group ${of.groupId}: not a member at the moment.`)
  return {
    pause: (topic, partition) => stay?.consumer.pause([{ topic, partitions: [partition] }]),
    resume: (topic, partition) => stay?.consumer.resume([{ topic, partitions: [partition] }]),
    commit: async (offsets) => {
      if (stay?.commit == null) return failed(outside)
      try {
        await stay.commit(offsets)
        return done(undefined)
      } catch (error) {
        return failed(of.brokers.explain(error, `Moving the offsets of group ${of.groupId}`))
      }
    },
    leave: () => {
      leaving.abort()
      return life
    },
  }
}

async function keepMember(of: MemberOptions, leaving: AbortSignal, enter: (stay: Stay | null) => void): Promise<void> {
  let failures = 0
  while (!leaving.aborted) {
    const problem = await oneStay(of, leaving, (stay) => {
      if (stay !== null) failures = 0
      enter(stay)
    })
    enter(null)
    if (problem === null) return
    if (problem.kind !== "outage") return of.hooks.onEnded(problem)
    of.hooks.onOutage(problem)
    failures += 1
    await of.clock.sleep(backoffMs(failures, SERVER_AWAY), leaving)
  }
}

/** Resolves with what ended the stay, or null when `leaving` did. Rejects for a bug of a hook. */
async function oneStay(
  of: MemberOptions,
  leaving: AbortSignal,
  enter: (stay: Stay | null) => void,
): Promise<Failure | null> {
  const stay: Stay = { consumer: consumerFor(of), commit: null }
  const ended = Promise.withResolvers<Failure | null>()
  listen(stay, of, { entered: () => enter(stay), left: () => enter(null), ended })
  const left = (): void => ended.resolve(null)
  leaving.addEventListener("abort", left, { once: true })
  const over = new AbortController()
  watch(stay, of, { over: over.signal, ended }).catch(ended.reject)
  start(stay, of, ended).catch(ended.reject)
  try {
    return await ended.promise
  } finally {
    over.abort()
    leaving.removeEventListener("abort", left)
    const goodbye = { clock: of.clock, ms: GOODBYE_WITHIN_MS, late: () => undefined }
    await within<unknown>(goodbye, quietly(stay.consumer.disconnect()))
  }
}

async function start(stay: Stay, of: MemberOptions, ended: PromiseWithResolvers<Failure | null>): Promise<void> {
  const { consumer } = stay
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [...of.topics], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset, commitOffsetsIfNecessary }) => {
        stay.commit = commitOffsetsIfNecessary
        unlessBug(() => of.hooks.onBatch(batch), ended)
        resolveOffset(batch.lastOffset())
      },
    })
  } catch (error) {
    ended.resolve(of.brokers.explain(error, `Group ${of.groupId} at ${of.brokers.address}`))
  }
}

type StayEnd = { readonly over: AbortSignal; readonly ended: PromiseWithResolvers<Failure | null> }

/** Ends a stay in which the client neither fetches nor joins any more: as a member it would keep partitions and do nothing. */
async function watch(
  { consumer }: Stay,
  { clock, timing, groupId }: MemberOptions,
  { over, ended }: StayEnd,
): Promise<void> {
  const { FETCH_START, GROUP_JOIN, HEARTBEAT, REQUEST } = consumer.events
  const silentForMs = SILENT_FOR_MS + 2 * timing.sessionTimeoutMs
  let lastMs = clock.steadyMs()
  for (const event of [FETCH_START, GROUP_JOIN, HEARTBEAT, REQUEST]) {
    consumer.on(event, () => {
      lastMs = clock.steadyMs()
    })
  }
  while (!over.aborted) {
    await clock.sleep(silentForMs / 4, over)
    if (clock.steadyMs() - lastMs < silentForMs) continue
    ended.resolve(failure("log/unreachable", `Group ${groupId}: the client did nothing for ${silentForMs / 1000} s.`))
    return
  }
}

/** The client would take an error of ours for one of its own and try again for ever. */
function unlessBug(hook: () => void, ended: PromiseWithResolvers<Failure | null>): void {
  try {
    hook()
  } catch (error) {
    ended.reject(error)
    throw error
  }
}

function consumerFor({ brokers, groupId, timing, assigners }: MemberOptions): Consumer {
  return brokers.client().consumer({
    groupId,
    sessionTimeout: timing.sessionTimeoutMs,
    heartbeatInterval: timing.heartbeatMs,
    rebalanceTimeout: REBALANCE_WITHIN_MS,
    maxWaitTimeInMs: timing.fetchWaitMs,
    maxBytesPerPartition: PARTITION_FETCH_BYTES,
    maxBytes: FETCH_BYTES,
    allowAutoTopicCreation: false,
    metadataMaxAge: 60_000,
    retry: { ...RETRY, retries: 5, restartOnFailure: async () => false },
    ...(assigners === undefined ? {} : { partitionAssigners: [...assigners] }),
  })
}

type StayEvents = {
  readonly entered: () => void
  readonly left: () => void
  readonly ended: PromiseWithResolvers<Failure | null>
}

/** A listener's error would end in the client, which logs it and goes on as if nothing had happened. */
function listen(
  { consumer }: Stay,
  { hooks, groupId, brokers }: MemberOptions,
  { entered, left, ended }: StayEvents,
): void {
  const { GROUP_JOIN, REBALANCING, START_BATCH_PROCESS, STOP, CRASH } = consumer.events
  // From here on the consumer throws at whoever pauses or commits.
  consumer.on(STOP, left)
  consumer.on(GROUP_JOIN, ({ payload }) =>
    unlessBug(() => {
      entered()
      hooks.onJoined(payload.memberAssignment, consumer)
    }, ended),
  )
  consumer.on(REBALANCING, () => unlessBug(() => hooks.onRebalancing(), ended))
  consumer.on(START_BATCH_PROCESS, ({ payload: { batchSize, topic, partition, lastOffset } }) =>
    unlessBug(() => {
      if (batchSize === 0) hooks.onPassed(topic, partition, Number(lastOffset))
    }, ended),
  )
  consumer.on(CRASH, ({ payload }) =>
    unlessBug(() => ended.resolve(brokers.explain(payload.error, `Group ${groupId} at ${brokers.address}`)), ended),
  )
}
