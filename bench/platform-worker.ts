import { runWorker } from "../src/deployment/run-groups.ts"
import { openKafkaLog } from "../src/log/kafka/index.ts"
import { systemClock } from "../src/system/clock.ts"
import { okOf } from "./report.ts"
import { stubPorts } from "./stubs.ts"

/** One worker with nothing but the machinery, until SIGTERM: a process of its own, so that its cores are its alone. */
export type Order = { readonly broker: string; readonly registry: string; readonly prefix: string }

const { broker, registry, prefix } = JSON.parse(process.argv[2] ?? "") as Order
const log = okOf(
  await openKafkaLog({ kafka: { brokers: [broker] }, registry: { url: registry }, prefix, clock: systemClock }),
)
const [stop, abort] = [new AbortController(), new AbortController()]
process.on("SIGTERM", () => stop.abort())
const ports = {
  ...stubPorts(),
  log,
}
await Promise.all(
  runWorker(
    { ports, sequences: null, backfill: null, followOutputs: null },
    { stop: stop.signal, abort: abort.signal, observe: () => undefined },
  ),
)
await log.close()
process.exit(0)
