import type { Batch, KafkaMessage } from "kafkajs"
import { done, type Failure, failed, failure, type Result } from "../events/result.ts"
import { whyUnreadable } from "../kafka/compression/index.ts"
import { type Brokers, brokersAt, type KafkaAccess, type Observe } from "../kafka/index.ts"
import { type GroupTiming, joinGroup, TIMING } from "../kafka/membership.ts"
import { textHeaders } from "../kafka/records.ts"
import { missingTopicsAtStart } from "../kafka/topics.ts"
import type { EventLog } from "../log/index.ts"
import type { Clock } from "../system/clock.ts"
import { createWakeSignal } from "../system/concurrency.ts"
import type { IntakeMessage, IntakeSource } from "./arrival/message.ts"
import type { Intake, IntakeObservation } from "./index.ts"
import { appendTaken, takeIn, tell } from "./take-in.ts"

export type KafkaIntakeOptions = {
  readonly kafka: KafkaAccess
  readonly groupId: string
  /** Topic, as it is called on the brokers, to what is to be known of its messages. */
  readonly sources: ReadonlyMap<string, IntakeSource>
  /** Resolves when all is durable; waits outages out. What fails here ends the intake. */
  readonly append: EventLog["append"]
  readonly clock: Clock
  readonly timing?: Partial<GroupTiming>
  readonly observe: (observation: IntakeObservation) => void
  readonly observeKafka: Observe
}

/**
 * Messages of Kafka topics into arrivals, at least once: a batch's arrivals and dead letters are durable before its offset
 * moves. Ids come from the messages, so that what comes twice is the same. Fails within 12 s, naming the setting.
 */
export async function openKafkaIntake(options: KafkaIntakeOptions): Promise<Result<Intake>> {
  const brokers = brokersAt(options.kafka, options.observeKafka)
  const missing = await missingTopicsAtStart(brokers, [...options.sources.keys()], options.clock)
  if (!missing.ok) return missing
  if (missing.value.length > 0) {
    const says = `OIIO_INTAKE_TOPICS: the brokers at ${brokers.address} have no topic ${missing.value.join(", ")}.`
    return failed(failure("log/refused", says))
  }
  return done({ run: (stop) => takeInFrom(brokers, options, stop) })
}

type FetchedBatch = { readonly batch: Batch; readonly generation: number }

/** {@link Intake.run}. Rejects with a bug of whatever it was given, after leaving the group. */
export async function takeInFrom(
  brokers: Brokers,
  of: Omit<KafkaIntakeOptions, "kafka">,
  stop: AbortSignal,
): Promise<Failure | null> {
  const wakeSignal = createWakeSignal()
  let queue: FetchedBatch[] = []
  // Counts joins: after each, fetching starts again at the group's offsets, so batches fetched before are dropped.
  let generation = 0
  let broken: Failure | null = null
  const member = joinGroup({
    brokers,
    clock: of.clock,
    groupId: of.groupId,
    topics: [...of.sources.keys()],
    timing: { ...TIMING, ...of.timing },
    hooks: {
      onJoined: (assignment, consumer) => {
        generation += 1
        queue = []
        for (const [topic, partitions] of Object.entries(assignment)) consumer.resume([{ topic, partitions }])
        const held = Object.entries(assignment).flatMap(([topic, partitions]) =>
          partitions.map((partition) => ({ topic, partition })),
        )
        of.observeKafka({ kind: "joined", group: of.groupId, held, partitions: held.length })
      },
      onBatch: (batch) => {
        queue.push({ batch, generation })
        // One batch of each partition waits at most: that bounds what is held here.
        member.pause(batch.topic, batch.partition)
        wakeSignal.wake()
      },
      onPassed: () => undefined,
      onRebalancing: () => undefined,
      onOutage: ({ says }) => {
        of.observeKafka({ kind: "outage", group: of.groupId, says })
        of.observeKafka({ kind: "left", group: of.groupId })
      },
      onEnded: (problem) => {
        broken = problem
        wakeSignal.wake()
      },
      onBug: wakeSignal.fail,
    },
  })
  stop.addEventListener("abort", wakeSignal.wake)
  try {
    while (!stop.aborted && broken === null) {
      const next = queue.shift()
      if (next === undefined) {
        await wakeSignal.woken()
        continue
      }
      const taken = await takeBatch(of, next.batch)
      if (!taken.ok) broken = taken.failure.code === "stopped" ? null : taken.failure
      else if (next.generation === generation) await moveOn(next.batch, member)
      if (!taken.ok) break
    }
  } finally {
    // After a bug, too: the partitions are for others, who need not wait until the brokers miss this member.
    stop.removeEventListener("abort", wakeSignal.wake)
    await member.leave()
  }
  return broken
}

/** An offset that does not move delivers again: then the same ids come to the log once more. */
async function moveOn(batch: Batch, member: ReturnType<typeof joinGroup>): Promise<void> {
  const { topic, partition } = batch
  const offset = String(Number(batch.lastOffset()) + 1)
  await member.commit({ topics: [{ topic, partitions: [{ partition, offset }] }] })
  member.resume(topic, partition)
}

async function takeBatch(of: Omit<KafkaIntakeOptions, "kafka">, batch: Batch): Promise<Result<void>> {
  const { topic, partition } = batch
  const source = of.sources.get(topic)
  if (source === undefined) return done(undefined)
  const each = batch.messages.map((message) => takeIn(intakeMessage(batch, message), source, of.clock.nowMs()))
  const appended = await appendTaken(of.append, each)
  if (!appended.ok) return appended
  for (const taken of each) tell(taken, topic, of.observe)
  const messages = Math.max(0, Number(batch.highWatermark) - 1 - Number(batch.lastOffset()))
  of.observe({ kind: "waiting", topic, partition, messages })
  return appended
}

function intakeMessage(
  { topic, partition }: Batch,
  { headers, value, offset, timestamp }: KafkaMessage,
): IntakeMessage {
  const notUnpacked = whyUnreadable(value)
  return {
    headers: lowerCase(textHeaders(headers)),
    headersAreEncoded: false,
    body: value,
    at: { topic, partition, offset: Number(offset) },
    timestampMs: Number(timestamp),
    ...(notUnpacked === null ? {} : { notUnpacked }),
  }
}

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
