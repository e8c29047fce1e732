import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import type { EventLog, Topic } from "../src/log/index.ts"
import { openKafkaLog } from "../src/log/kafka/index.ts"
import { registerSchemas } from "../src/log/kafka/schemas.ts"
import { createLogTopics } from "../src/log/kafka/topics.ts"
import { systemClock } from "../src/system/clock.ts"
import { startServices } from "../test/services/index.ts"
import { ensureTopic } from "../test/services/kafka-admin.ts"
import type { TrinoAddress } from "../test/services/trino.ts"
import { runSql } from "../test/services/trino-sql.ts"
import { arrival } from "./arrival.ts"
import type { Order } from "./platform-worker.ts"
import { cpuSeconds } from "./processes.ts"
import { heading, okOf, row, target } from "./report.ts"

const ELEMENTS = 20_000
const APPENDED_AT_ONCE = 1_000
const PARTITIONS = 6
const PREFIX = "oiio."
const POLL_MS = 200
const TOLD = { proxy: "spaceharbor.proxy", completion: "spaceharbor.dataengine.completed" }
const TABLES = 'vast."bench/exr_metadata"'

const PROGRAM = new URL("../bin/oiio-proxy-generator", import.meta.url).pathname
const WORKER = new URL("./platform-worker.ts", import.meta.url).pathname

/** The machinery alone on real servers: a backlog through all topics with one worker, then into Trino. */
export async function benchPlatform(): Promise<void> {
  heading(`platform: ${ELEMENTS} elements through all topics on Kafka with one worker, then into Trino; stub engine`)
  const services = await startServices({ kafka: true, registry: true, trino: true })
  try {
    const { kafka, registry, trino } = services
    const order = { broker: kafka.address.broker, registry: registry.address.url, prefix: PREFIX }
    await prepare(order)
    const log = okOf(await openLog(order))
    await work(log, order)
    await project(log, trino.address, { ...projectorSettings(order), VAST_DB_ENDPOINT: trino.address.url })
    await log.close()
  } finally {
    await services.close()
  }
}

const openLog = ({ broker, registry, prefix }: Order): ReturnType<typeof openKafkaLog> =>
  openKafkaLog({ kafka: { brokers: [broker] }, registry: { url: registry }, prefix, clock: systemClock })

async function prepare({ broker, registry, prefix }: Order): Promise<void> {
  okOf(await createLogTopics({ kafka: { brokers: [broker] }, prefix, partitions: PARTITIONS, replicationFactor: 1 }))
  for (const topic of Object.values(TOLD)) await ensureTopic(broker, topic)
  okOf(await registerSchemas({ registry: { url: registry }, prefix }))
}

async function work(log: EventLog, order: Order): Promise<void> {
  const begunMs = performance.now()
  for (let first = 0; first < ELEMENTS; first += APPENDED_AT_ONCE) {
    okOf(await log.append(Array.from({ length: APPENDED_AT_ONCE }, (_, at) => arrival(first + at))))
  }
  row("arrivals appended", `${(ELEMENTS / ((performance.now() - begunMs) / 1000)).toFixed(0)} /s`)
  const worker = spawn(process.execPath, [WORKER, JSON.stringify(order)], { stdio: "inherit" })
  const made = async (): Promise<number> =>
    Math.min(await factsIn(log, "proxy-made"), await factsIn(log, "source-inspected"))
  const measured = await pace(made, worker)
  target({ what: "elements a second, one worker", measured, unit: "/s", atLeast: 1000, digits: 0 })
  row("  CPU of the worker per element", cpuPerElement(worker))
  await withoutLag(log, ["renderer", "inspector"])
  await stopped(worker)
}

async function project(log: EventLog, { url }: TrinoAddress, env: Settings): Promise<void> {
  const projector = spawn(PROGRAM, ["projector"], { stdio: ["ignore", "inherit", "inherit"], env })
  const rowsOf = async (table: string): Promise<number> =>
    Number((await runSql(url, `SELECT count(*) FROM ${TABLES}.${table}`).catch(() => [[0]]))[0]?.[0])
  const measured = await pace(() => rowsOf("proxy_outputs"), projector)
  target({ what: "rows a second into proxy_outputs", measured, unit: "/s", atLeast: 500, digits: 0 })
  row("  CPU of the projector per element", cpuPerElement(projector))
  await withoutLag(log, ["projector", "projector-metadata"])
  const counts = await Promise.all(["proxy_outputs", "elements", "files"].map(rowsOf))
  if (counts.some((count) => count !== ELEMENTS)) throw new Error(`platform: rows ${counts.join(", ")}`)
  row("rows of proxy_outputs, elements and files", counts.join(" "), "lag of every group is 0")
  await stopped(projector)
}

type Settings = Readonly<Record<string, string>>

function projectorSettings({ broker, registry, prefix }: Order): Settings {
  return {
    PATH: process.env.PATH ?? "",
    KAFKA_BROKER: broker,
    KAFKA_TOPIC_PREFIX: prefix,
    SCHEMA_REGISTRY_URL: registry,
    KAFKA_TOPIC: TOLD.proxy,
    KAFKA_COMPLETION_TOPIC: TOLD.completion,
    VAST_DB_BUCKET: "bench",
    OIIO_HTTP_PORT: "0",
    OIIO_HTTP_HOST: "127.0.0.1",
    OIIO_LOG_LEVEL: "warn",
  }
}

/** Elements a second from the first that is seen to the last: a process's start and its joining are not the machinery. */
async function pace(count: () => Promise<number>, process: ChildProcess): Promise<number> {
  let [first, begunMs] = [0, 0]
  for (;;) {
    await systemClock.sleep(POLL_MS)
    if (process.exitCode !== null) throw new Error(`platform: a process ended with ${process.exitCode}`)
    const found = await count()
    if (first === 0) [first, begunMs] = [found, performance.now()]
    if (found >= ELEMENTS) return (ELEMENTS - first) / ((performance.now() - begunMs) / 1000)
  }
}

const cpuPerElement = ({ pid = 0 }: ChildProcess): string => `${((cpuSeconds(pid) / ELEMENTS) * 1e6).toFixed(0)} us`

/** Facts of a topic that nothing has been removed from. */
const factsIn = async (log: EventLog, topic: Topic): Promise<number> =>
  okOf(await log.ends([topic])).reduce((sum, { offset }) => sum + offset, 0)

async function withoutLag(log: EventLog, groups: readonly string[]): Promise<void> {
  for (const group of groups)
    while (okOf(await log.lag(group)).some(({ lag }) => lag > 0)) await systemClock.sleep(POLL_MS)
}

async function stopped(process: ChildProcess): Promise<void> {
  process.kill("SIGTERM")
  if (process.exitCode === null) await once(process, "exit")
}
