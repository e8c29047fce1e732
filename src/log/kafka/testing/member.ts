import type { Result } from "../../../events/result.ts"
import { proxyMade } from "../../../events/testing/facts.ts"
import { systemClock } from "../../../system/clock.ts"
import { openKafkaLog } from "../index.ts"
import { QUICK } from "./timing.ts"

/** A worker process that a test kills: says each key that it took, and finishes all but those named `slow`. */
type Order = { readonly broker: string; readonly registry: string; readonly prefix: string }

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.failure.says)
  return result.value
}

const { broker, registry, prefix } = JSON.parse(process.argv[2] ?? "") as Order
const log = must(
  await openKafkaLog({
    kafka: { brokers: [broker] },
    registry: { url: registry },
    prefix,
    timing: QUICK,
    clock: systemClock,
  }),
)
const stop = new AbortController()
for await (const each of log.deliver({
  group: "renderer",
  topics: ["element-created"],
  credits: 50,
  stop: stop.signal,
})) {
  const delivery = must(each)
  const key = "fact" in delivery.content ? delivery.content.fact.value.element.key : ""
  process.send?.(key)
  if (!key.includes("slow")) must(await delivery.acknowledge([proxyMade({ key })]))
}
