import { stemOf } from "../element/key.ts"
import type { ProxyMade } from "../events/records.generated.ts"
import { done, type Result } from "../events/result.ts"
import type { Delivery, EventLog } from "../log/index.ts"
import type { Underway } from "./metrics.ts"

export type MeteredLog = {
  readonly log: EventLog
  readonly underway: () => readonly Underway[]
}

type Out = { readonly timestampMs: number; readonly lost: AbortSignal }

/** A log that knows what it has delivered and not got back. */
export function meteredLog(log: EventLog, onMade: (made: ProxyMade) => void): MeteredLog {
  const groups = new Map<string, Set<Out>>()
  const metered = (delivery: Delivery, all: Set<Out>): Delivery => {
    const out: Out = { timestampMs: delivery.timestampMs, lost: delivery.lost }
    all.add(out)
    const { content } = delivery
    if ("fact" in content && content.fact.topic === "proxy-made") onMade(content.fact.value)
    return {
      ...delivery,
      acknowledge: async (facts) => {
        const acknowledged = await delivery.acknowledge(facts)
        if (acknowledged.ok) all.delete(out)
        return acknowledged
      },
    }
  }
  return {
    log: {
      ...log,
      async *deliver(subscription): AsyncGenerator<Result<Delivery>> {
        const all = groups.get(subscription.group) ?? new Set<Out>()
        groups.set(subscription.group, all)
        for await (const delivery of log.deliver(subscription))
          yield delivery.ok ? done(metered(delivery.value, all)) : delivery
      },
    },
    underway: () => [...groups].map(([group, all]) => underwayOf(group, all)),
  }
}

/** What went with a lost partition is another process's now. */
function underwayOf(group: string, all: Set<Out>): Underway {
  for (const out of all) if (out.lost.aborted) all.delete(out)
  let oldestMs: number | null = null
  for (const { timestampMs } of all) oldestMs = Math.min(oldestMs ?? timestampMs, timestampMs)
  return { group, inFlight: all.size, oldestMs }
}

/** Whether the outputs carry the full file name, because a sibling holds the name that the contract gives. */
export function hasSharedName({ element, thumbnail }: Pick<ProxyMade, "element" | "thumbnail">): boolean {
  return !`/${thumbnail.key}`.endsWith(`/.proxies/${stemOf(element.key)}_thumb.jpg`)
}
