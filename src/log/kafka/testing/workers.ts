import { onTestFinished } from "vitest"
import type { Fact } from "../../../events/fact.ts"
import { unwrap } from "../../../events/testing/results.ts"
import type { KafkaEvent } from "../../../kafka/index.ts"
import type { Delivery, EventLog, Topic } from "../../index.ts"
import { keyOf } from "../../testing/harness.ts"
import { type KafkaLogOptions, openKafkaLog } from "../index.ts"

/** A member of a group that takes what it is given, and finishes it when the test says so, or at once. */
export type Worker = {
  readonly log: EventLog
  /** What it was given, oldest first. */
  readonly taken: Delivery[]
  /** Keys of what it was given and could acknowledge. */
  readonly finished: string[]
  /** How many partitions it holds since it last joined. */
  held(): number
  /** What it told about itself. */
  readonly events: readonly KafkaEvent[]
  readonly stop: () => Promise<void>
}

export type WorkerOrder = {
  readonly group?: string
  readonly topic?: Topic
  readonly credits?: number
  readonly lookAhead?: number
  /** Resolves when the delivery is finished; default: at once. */
  readonly work?: (delivery: Delivery) => Promise<void>
  readonly facts?: (delivery: Delivery) => readonly Fact[]
}

export async function startWorker(options: KafkaLogOptions, of: WorkerOrder = {}): Promise<Worker> {
  const events: KafkaEvent[] = []
  const log = unwrap(await openKafkaLog({ ...options, observe: (event) => events.push(event) }))
  const { group = "renderer", topic = "element-created", credits = 20, lookAhead = 1000, work, facts } = of
  const stop = new AbortController()
  const taken: Delivery[] = []
  const finished: string[] = []
  const under = new Set<Promise<void>>()
  const finish = async (delivery: Delivery): Promise<void> => {
    await work?.(delivery)
    const result = await delivery.acknowledge(facts?.(delivery) ?? [])
    if (result.ok) finished.push(keyOf(delivery))
  }
  const deliveries = async (): Promise<void> => {
    for await (const delivery of log.deliver({ group, topics: [topic], credits, lookAhead, stop: stop.signal })) {
      taken.push(unwrap(delivery))
      const task = finish(unwrap(delivery)).finally(() => under.delete(task))
      under.add(task)
    }
  }
  const running = deliveries()
  onTestFinished(async () => {
    stop.abort()
    await log.close()
  })
  return {
    log,
    taken,
    finished,
    events,
    held: () => events.findLast((event) => event.kind === "joined")?.partitions ?? 0,
    stop: async () => {
      stop.abort()
      await running
      await Promise.all(under)
      await log.close()
    },
  }
}

/** WorkerOrder that is held until the test lets it go. */
export type Gate = { readonly pass: () => Promise<void>; readonly open: () => void }

export function createGate(): Gate {
  const opened = Promise.withResolvers<void>()
  return { pass: () => opened.promise, open: opened.resolve }
}
