import type { Batch, Consumer, EachBatchPayload, Kafka, KafkaMessage } from "kafkajs"
import { done } from "../../events/result.ts"
import { classify } from "../failures.ts"
import type { Brokers } from "../index.ts"

type Listener = (event: { readonly payload: unknown }) => void

/** The one member of a group, on a client that the test speaks for. */
export type FakeMember = {
  /** Calls the client's listeners, as `consumer.on` promises: what they throw is the client's. */
  emits(event: string, payload?: unknown): void
  /** Gives partition 0 of each topic. */
  joins(): void
  /** Hands a batch over; rejects as the handler does. */
  brings(topic: string, values: readonly string[]): Promise<void>
  readonly hasLeft: () => boolean
}

const EVENTS = Object.fromEntries(
  ["FETCH_START", "GROUP_JOIN", "HEARTBEAT", "REQUEST", "REBALANCING", "START_BATCH_PROCESS", "STOP", "CRASH"].map(
    (name) => [name, name],
  ),
)

const messageOf = (value: string, offset: number): KafkaMessage => ({
  ...{ key: null, timestamp: "1", attributes: 0, headers: {} },
  value: Buffer.from(value),
  offset: String(offset),
})

const batchOf = (topic: string, values: readonly string[]): Batch => ({
  ...{ topic, partition: 0, highWatermark: String(values.length) },
  messages: values.map(messageOf),
  isEmpty: () => values.length === 0,
  firstOffset: () => "0",
  lastOffset: () => String(values.length - 1),
  offsetLag: () => "0",
  offsetLagLow: () => "0",
})

/** Brokers with one consumer, which resolves once somebody runs it. */
export function fakeBrokers(): { readonly brokers: Brokers; readonly member: Promise<FakeMember> } {
  const runs = Promise.withResolvers<FakeMember>()
  const listeners = new Map<string, Listener[]>()
  let topics: readonly string[] = []
  let hasLeft = false
  const emits = (event: string, payload: unknown = {}): void => {
    for (const listener of listeners.get(event) ?? []) listener({ payload })
  }
  const consumer = {
    events: EVENTS,
    on: (event: string, listener: Listener) => listeners.set(event, [...(listeners.get(event) ?? []), listener]),
    connect: async () => undefined,
    subscribe: async (subscription: { readonly topics: readonly string[] }) => {
      topics = subscription.topics
    },
    run: async ({ eachBatch }: { readonly eachBatch: (payload: EachBatchPayload) => Promise<void> }) =>
      runs.resolve({
        emits,
        joins: () => emits("GROUP_JOIN", { memberAssignment: Object.fromEntries(topics.map((topic) => [topic, [0]])) }),
        brings: (topic, values) =>
          eachBatch({
            batch: batchOf(topic, values),
            resolveOffset: () => undefined,
            commitOffsetsIfNecessary: async () => undefined,
          } as unknown as EachBatchPayload),
        hasLeft: () => hasLeft,
      }),
    pause: () => undefined,
    resume: () => undefined,
    seek: () => undefined,
    disconnect: async () => {
      hasLeft = true
    },
  } as unknown as Consumer
  const brokers: Brokers = {
    client: () => ({ consumer: () => consumer }) as unknown as Kafka,
    address: "test",
    administer: async () => done(undefined as never),
    observe: () => undefined,
    explain: classify,
  }
  return { brokers, member: runs.promise }
}
