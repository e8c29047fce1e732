import {
  type ICustomPartitioner,
  type Message,
  Partitioners,
  type Producer,
  type RecordMetadata,
  type TopicMessages,
} from "kafkajs"
import { done, failed, failure, type Result } from "../events/result.ts"
import { type Brokers, quietly, RETRY } from "./index.ts"
import type { OutgoingRecord } from "./records.ts"

/** Most bytes of one request, and so of one batch: below the 1 MB that brokers take by default, with room for framing. */
const MOST_BATCH_BYTES = 900_000

const ACKNOWLEDGED_WITHIN_MS = 10_000

/** Sends one request after another, each with all that was appended meanwhile, in the order of appending. */
export type Appender = {
  /** Resolves when every replica in sync has all of it. */
  append(records: readonly OutgoingRecord[]): Promise<Result<void>>
  close(): Promise<void>
}

type PendingAppend = {
  readonly records: readonly OutgoingRecord[]
  readonly sizeBytes: number
  readonly answer: (result: Result<void>) => void
  /** Ends the append with a bug of ours, so that nobody waits for ever. */
  readonly reject: (bug: unknown) => void
}

export function createAppender(brokers: Brokers): Appender {
  const sender = openSender(brokers)
  let waiting: PendingAppend[] = []
  let pumping: Promise<void> | null = null
  let isClosed = false

  const pump = async (): Promise<void> => {
    while (waiting.length > 0) {
      const group = splitByBytes(waiting, MOST_BATCH_BYTES)[0] ?? []
      waiting = waiting.slice(group.length)
      await settleGroup(group, sender).catch((bug: unknown) => {
        for (const one of group) one.reject(bug)
      })
    }
    pumping = null
  }
  return {
    append: (records) => {
      if (records.length === 0) return Promise.resolve(done(undefined))
      if (isClosed) return Promise.resolve(failed(failure("log/unreachable", "The log is closed.")))
      return new Promise((answer, reject) => {
        waiting.push({ records, answer, reject, sizeBytes: records.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) })
        pumping ??= pump()
      })
    },
    close: async () => {
      isClosed = true
      await pumping
      await sender.close()
    },
  }
}

/** An outage fails all appends of the group. After a refusal each is tried alone, so that only its cause fails. */
async function settleGroup(group: readonly PendingAppend[], sender: Sender): Promise<void> {
  const together = await sendAll(
    group.flatMap(({ records }) => records),
    sender,
  )
  const isShared = together.ok || together.failure.kind === "outage" || group.length === 1
  for (const { records, answer } of group) answer(isShared ? together : await sendAll(records, sender))
}

async function sendAll(records: readonly OutgoingRecord[], sender: Sender): Promise<Result<void>> {
  for (const run of splitByBytes(records, MOST_BATCH_BYTES)) {
    const sent = await sendRun(run, sender)
    if (!sent.ok) return sent
  }
  return done(undefined)
}

/** A broker with a smaller limit than ours gets smaller batches. */
async function sendRun(run: readonly OutgoingRecord[], sender: Sender): Promise<Result<void>> {
  const sent = await sender.send(run)
  if (sent.ok || sent.failure.code !== "log/too-large" || run.length === 1) return sent
  const middle = run.length >> 1
  const first = await sendRun(run.slice(0, middle), sender)
  return first.ok ? sendRun(run.slice(middle), sender) : first
}

type Sender = { send(run: readonly OutgoingRecord[]): Promise<Result<void>>; close(): Promise<void> }

/** Keeps a producer, and replaces it after an outage: a client that lost all brokers may never recover. */
function openSender(brokers: Brokers): Sender {
  const chosen = new WeakMap<Message, number>()
  let producer: Producer | null = null
  const connected = async (): Promise<Producer> => {
    if (producer !== null) return producer
    const fresh = brokers.client().producer({
      allowAutoTopicCreation: false,
      idempotent: false,
      createPartitioner: rememberingPartitioner(chosen),
      metadataMaxAge: 60_000,
      retry: { ...RETRY, retries: 4 },
    })
    await fresh.connect()
    producer = fresh
    return fresh
  }
  const discard = (): Promise<void> => {
    const former = producer
    producer = null
    return former === null ? Promise.resolve() : quietly(former.disconnect())
  }
  return {
    send: async (run) => {
      try {
        const metadata = await (await connected()).sendBatch({
          acks: -1,
          timeout: ACKNOWLEDGED_WITHIN_MS,
          topicMessages: byTopic(run),
        })
        return unconfirmed(run, metadata, chosen) === 0 ? done(undefined) : missing(brokers)
      } catch (error) {
        const problem = brokers.explain(error, `Appending to the log at ${brokers.address}`)
        if (problem.kind === "outage") void discard()
        return failed(problem)
      }
    },
    close: discard,
  }
}

const byTopic = (run: readonly OutgoingRecord[]): TopicMessages[] =>
  [...Map.groupBy(run, ({ topic }) => topic)].map(([topic, records]) => ({
    topic,
    messages: records.map(({ message }) => message),
  }))

/**
 * The partition of each message, chosen once: the client asks again at each retry, and for a message without key it would
 * choose another. Hashes keys as the Java client does.
 */
const rememberingPartitioner =
  (chosen: WeakMap<Message, number>): ICustomPartitioner =>
  () => {
    const choose = Partitioners.DefaultPartitioner()
    return (asked) => {
      const partition = chosen.get(asked.message) ?? choose(asked)
      chosen.set(asked.message, partition)
      return partition
    }
  }

/** The partition that a key's messages go to, of so many. */
export const partitionOf = (key: string, partitions: number): number =>
  Partitioners.DefaultPartitioner()({
    topic: "",
    partitionMetadata: Array.from({ length: partitions }, (_, partitionId) => ({ ...NO_METADATA, partitionId })),
    message: { key, value: null },
  })

const NO_METADATA = { partitionErrorCode: 0, leader: 0, replicas: [], isr: [] }

/**
 * Messages whose partition no broker confirmed. The client retries per broker, and drops what meanwhile moved to a broker
 * that has answered before: without this check, a change of leader at the wrong moment would lose messages that the client reports as sent.
 */
function unconfirmed(
  run: readonly OutgoingRecord[],
  metadata: readonly RecordMetadata[],
  chosen: WeakMap<Message, number>,
) {
  const confirmed = new Set(metadata.map(({ topicName, partition }) => `${topicName}/${partition}`))
  return run.filter(({ topic, message }) => !confirmed.has(`${topic}/${chosen.get(message)}`)).length
}

const missing = ({ address }: Brokers): Result<void> =>
  failed(failure("log/unreachable", `A partition changed its leader while the log at ${address} was appended to.`))

/** Anything with a size on the wire. */
type Sized = { readonly sizeBytes: number }

/**
 * Cuts a list into runs of at most `mostBytes`, in order; one item that is larger than that is a run of its own. The
 * broker's limit holds per batch of a partition, and the client sends one batch per partition and request, so a request
 * within the limit holds no batch above it.
 */
export function splitByBytes<T extends Sized>(items: readonly T[], mostBytes: number): readonly (readonly T[])[] {
  const runs: T[][] = []
  let room = 0
  for (const item of items) {
    const run = runs.at(-1)
    if (run !== undefined && item.sizeBytes <= room) run.push(item)
    else {
      runs.push([item])
      room = mostBytes
    }
    room -= item.sizeBytes
  }
  return runs
}
