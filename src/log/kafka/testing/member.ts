import { proxyMade } from "../../../events/testing/facts.ts"
import { unwrap } from "../../../events/testing/results.ts"
import { elementOf } from "../../../events/testing/sequence-facts.ts"
import { systemClock } from "../../../system/clock.ts"
import { type KafkaLogOptions, openKafkaLog } from "../index.ts"

/** A worker process that a test kills: says each key that it took, and finishes all but those named `slow`. */
type Order = Pick<KafkaLogOptions, "kafka" | "registry" | "prefix" | "timing">

const order = JSON.parse(process.argv[2] ?? "") as Order
const log = unwrap(await openKafkaLog({ ...order, clock: systemClock }))
const stop = new AbortController()
for await (const each of log.deliver({
  group: "renderer",
  topics: ["element-created"],
  credits: 50,
  stop: stop.signal,
})) {
  const delivery = unwrap(each)
  const key = "fact" in delivery.content ? elementOf(delivery.content.fact).key : ""
  process.send?.(key)
  if (!key.includes("slow")) unwrap(await delivery.acknowledge([proxyMade({ key })]))
}
