import type { KafkaMessage } from "kafkajs"
import type { Fact } from "../../events/fact.ts"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { unattended } from "../../system/unattended.ts"
import type { DeliveredPage, Delivery, PageSubscription, StoredRecord, Subscription } from "../index.ts"
import { foldersOf } from "../round-robin.ts"
import { acknowledgeOnce, setAside } from "../subscription.ts"
import type { PartitionBuffer } from "./partition-buffer.ts"
import type { ReadMessage } from "./records.ts"
import { openSession, type Session, type SessionPorts } from "./session.ts"

export type DeliveryPorts = SessionPorts & {
  readonly append: (facts: readonly Fact[]) => Promise<Result<void>>
  readonly readMessage: ReadMessage
}

/**
 * The port's `deliver`. The client only fetches, and never waits for the work: so it goes on saying that it is alive while
 * a render takes minutes, and rejoins at once when the group changes.
 */
export function deliverFrom(of: DeliveryPorts, subscription: Subscription): AsyncGenerator<Result<Delivery>> {
  const { stop, credits } = subscription
  return joined(of, subscription, {
    take: ({ partitions }) => (partitions.out() < credits ? partitions.take() : null),
    read: async ({ buffer, message }, session) => {
      const [record] = (await recordsOf(buffer, [message], { of, session, stop })) ?? []
      return record === undefined ? null : deliveryOf(record, buffer, { of, session })
    },
  })
}

/** The port's `deliverPages`. */
export function deliverPagesFrom(
  of: DeliveryPorts,
  { most, ...subscription }: PageSubscription,
): AsyncGenerator<Result<DeliveredPage>> {
  const { stop } = subscription
  return joined(of, subscription, {
    take: ({ partitions }) => partitions.takePage(most),
    read: async ({ buffer, messages }, session) => {
      const records = await recordsOf(buffer, messages, { of, session, stop })
      if (records === null) return null
      const offsets = records.map(({ at }) => at.offset)
      return { records, ...finishing(buffer, offsets, { of, session }) }
    },
  })
}

/** How a member takes what was fetched, and what it gives for that; null where it was stopped while it waited. */
type Giving<Taken, Given> = {
  readonly take: (session: Session) => Taken | null
  readonly read: (taken: Taken, session: Session) => Promise<Given | null>
}

/** Is a member of a group until it is stopped, and gives what there is. */
async function* joined<Taken, Given>(
  of: DeliveryPorts,
  { stop, ...subscription }: Omit<PageSubscription, "most">,
  { take, read }: Giving<Taken, Given>,
): AsyncGenerator<Result<Given>> {
  if (stop.aborted) return
  const session = openSession(of, subscription)
  const { wakeSignal } = session
  const drain = (): void => unattended(session.drain, wakeSignal.fail)
  stop.addEventListener("abort", drain)
  try {
    while (!stop.aborted) {
      const broken = session.failure()
      if (broken !== null) return yield failed(broken)
      const taken = take(session)
      session.regulate()
      const given = taken === null ? null : await read(taken, session)
      if (given !== null) yield done(given)
      else if (taken === null) await wakeSignal.woken()
    }
  } finally {
    stop.removeEventListener("abort", drain)
    session.drain()
  }
}

/** The records behind messages. Where it is stopped while it waits for the registry: null, and they count as given back. */
async function recordsOf(
  buffer: PartitionBuffer,
  messages: readonly KafkaMessage[],
  { of, session, stop }: Context & { readonly stop: AbortSignal },
): Promise<readonly StoredRecord[] | null> {
  const until = (): AbortSignal => AbortSignal.any([stop, buffer.losing.signal])
  const records: StoredRecord[] = []
  for (const message of messages) {
    const record = await of.readMessage({ ...buffer.at, message }, until)
    if (record === null) {
      session.returned(
        buffer,
        messages.map(({ offset }) => Number(offset)),
        false,
      )
      return null
    }
    records.push(record)
  }
  return records
}

type Context = { readonly of: DeliveryPorts; readonly session: Session }

function deliveryOf(record: StoredRecord, buffer: PartitionBuffer, { of, session }: Context): Delivery {
  const { topic, offset } = record.at
  return {
    ...record,
    ...finishing(buffer, [offset], { of, session }),
    setAside: setAside({
      turns: session.partitions.turns,
      folders: foldersOf(topic, record.key),
      credit: (change) => session.credit(buffer, change),
      changed: session.wakeSignal.wake,
    }),
  }
}

/** How records of a partition are finished, all at once. */
function finishing(
  buffer: PartitionBuffer,
  offsets: readonly number[],
  { of, session }: Context,
): Pick<Delivery, "lost" | "acknowledge"> {
  const lost = buffer.losing.signal
  const { topic, partition } = buffer.at
  const settle = async (facts: readonly Fact[]): Promise<Result<void>> => {
    const appended = lost.aborted || facts.length === 0 ? done(undefined) : await of.append(facts)
    const says = `Partition ${partition} of ${topic} belongs to another member of the group by now.`
    const result = appended.ok && lost.aborted ? failed(failure("log/lost-ownership", says)) : appended
    if (result.ok) session.returned(buffer, offsets, true)
    return result
  }
  return { lost, acknowledge: acknowledgeOnce(settle) }
}
