import type { Fact } from "../../events/fact.ts"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { unattended } from "../../system/unattended.ts"
import type { Delivery, StoredRecord, Subscription } from "../index.ts"
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
export async function* deliverFrom(of: DeliveryPorts, subscription: Subscription): AsyncGenerator<Result<Delivery>> {
  const { stop, credits } = subscription
  if (stop.aborted) return
  const session = openSession(of, subscription)
  const { partitions, wakeSignal } = session
  const drain = (): void => unattended(session.drain, wakeSignal.fail)
  stop.addEventListener("abort", drain)
  try {
    while (!stop.aborted) {
      const broken = session.failure()
      if (broken !== null) return yield failed(broken)
      const taken = partitions.out() < credits ? partitions.take() : null
      session.regulate()
      if (taken === null) await wakeSignal.woken()
      else {
        const { buffer, message } = taken
        const until = (): AbortSignal => AbortSignal.any([stop, buffer.losing.signal])
        const record = await of.readMessage({ ...buffer.at, message }, until)
        if (record === null) session.returned(buffer, Number(message.offset), false)
        else yield done(deliveryOf(record, buffer, { of, session }))
      }
    }
  } finally {
    stop.removeEventListener("abort", drain)
    session.drain()
  }
}

type Context = { readonly of: DeliveryPorts; readonly session: Session }

function deliveryOf(record: StoredRecord, buffer: PartitionBuffer, { of, session }: Context): Delivery {
  const lost = buffer.losing.signal
  const { topic, partition, offset } = record.at
  const settle = async (facts: readonly Fact[]): Promise<Result<void>> => {
    const appended = lost.aborted || facts.length === 0 ? done(undefined) : await of.append(facts)
    const says = `Partition ${partition} of ${topic} belongs to another member of the group by now.`
    const result = appended.ok && lost.aborted ? failed(failure("log/lost-ownership", says)) : appended
    if (result.ok) session.returned(buffer, offset, true)
    return result
  }
  return {
    ...record,
    lost,
    setAside: setAside({
      turns: session.partitions.turns,
      folders: foldersOf(topic, record.key),
      credit: (change) => session.credit(buffer, change),
      changed: session.wakeSignal.wake,
    }),
    acknowledge: acknowledgeOnce(settle),
  }
}
