import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3"
import { besideSources } from "../src/element/output-places.ts"
import { openKafkaLog } from "../src/log/kafka/index.ts"
import { registerSchemas } from "../src/log/kafka/schemas.ts"
import { createLogTopics } from "../src/log/kafka/topics.ts"
import { silentNotifications } from "../src/notify/lines.ts"
import { openHeaderInspector } from "../src/picture/inspect/inspector.ts"
import { DEFAULT_LIMITS } from "../src/picture/read/header/limits.ts"
import { hasCorpus } from "../src/picture/read/header/testing/corpus.ts"
import { DEFAULT_TIMEOUTS as S3_TIMEOUTS } from "../src/store/s3/timeouts.ts"
import { openS3Store } from "../src/store/s3.ts"
import { systemClock } from "../src/system/clock.ts"
import { DEFAULT_TIMEOUTS as TRINO_TIMEOUTS } from "../src/table/trino/timeouts.ts"
import { openTrinoTable } from "../src/table/trino.ts"
import { makeRunFolder } from "../test/services/folder.ts"
import { type Addresses, startServices } from "../test/services/index.ts"
import { s3Client, startS3 } from "../test/services/s3.ts"
import { runSql } from "../test/services/trino-sql.ts"
import { runGroup } from "../topology/flow/run-group.ts"
import { INSPECTOR, METADATA_PROJECTOR } from "../topology/graph.ts"
import type { FlowPorts } from "../topology/ports.ts"
import { runProjector } from "../topology/project/projector.ts"
import { arrivals, headersOf, keysOf } from "./inspect-frames.ts"
import { policy } from "./policy.ts"
import { atOnce, cpuSeconds } from "./processes.ts"
import { heading, okOf, row, target } from "./report.ts"

const FRAMES = 3000
/** Bytes of an object: its header and the table behind it have room, and the pixels are not there. */
const OBJECT_BYTES = 96 * 1024
const PARTITIONS = 6
const PREFIX = "bench."
const BUCKET = "show"
const PLACE = { bucket: "bench", schema: "exr_metadata" }

/** Headers on servers: frames in S3 to facts on Kafka, then facts to the four tables in Trino, all on this machine. */
export async function benchInspectServers(): Promise<void> {
  if (!hasCorpus) return heading("inspect-servers: left out, the corpus is not here")
  const [services, folder] = [await startServices({ kafka: true, registry: true, trino: true }), await makeRunFolder()]
  // With connections that stay, as every S3 at a facility has them.
  const s3 = await startS3(folder.path, null, true)
  const { kafka, registry, trino } = services
  try {
    const [kafkaAt, registryAt, trinoAt] = [kafka.address, registry.address, trino.address]
    await measure({ kafka: kafkaAt, registry: registryAt, s3: s3.address, trino: trinoAt })
  } finally {
    await s3.stop()
    await folder.remove()
    await services.close()
  }
}

async function measure(servers: Addresses): Promise<void> {
  const headers = headersOf(OBJECT_BYTES)
  heading(
    `inspect-servers: ${FRAMES} frames with ${headers.length} headers of the corpus; Kafka, S3 and Trino beside it`,
  )
  const keys = keysOf(headers, FRAMES)
  const client = s3Client(servers.s3)
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }))
  await atOnce(8, keys, async (Key) => {
    const Body = new Uint8Array(OBJECT_BYTES)
    Body.set(headers[keys.indexOf(Key) % headers.length]?.start ?? [])
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }))
  })
  client.destroy()
  await passHeaders(servers, keys)
}

async function passHeaders(servers: Addresses, keys: readonly string[]): Promise<void> {
  const access = { kafka: { brokers: [servers.kafka.broker] }, registry: { url: servers.registry.url }, prefix: PREFIX }
  okOf(await createLogTopics({ ...access, partitions: PARTITIONS, replicationFactor: 1 }))
  okOf(await registerSchemas(access))
  const log = okOf(await openKafkaLog({ ...access, clock: systemClock }))
  okOf(await log.append(arrivals(keys)))
  const flow = { log, policy, clock: systemClock, random: Math.random }
  const cpuBefore = cpuSeconds()
  const factsPerSecond = await inspectAll(flow, servers)
  target({ what: "facts a second, S3 to Kafka", measured: factsPerSecond, unit: "/s", atLeast: 150, digits: 0 })
  row("  CPU of our process per fact", `${((cpuSeconds() - cpuBefore) * (1000 / FRAMES)).toFixed(1)} ms`)
  const [rowsPerSecond, rowsPerFrame] = await projectAll(flow, servers)
  target({
    what: "rows a second into Trino, four tables",
    measured: rowsPerSecond,
    unit: "/s",
    atLeast: 1000,
    digits: 0,
  })
  row("rows a frame, all four tables", rowsPerFrame.toFixed(1))
  row("frames a second into Trino", `${(rowsPerSecond / rowsPerFrame).toFixed(0)} /s`)
  await log.close()
}

type Flow = Omit<FlowPorts, "observe" | "ending">

/** From the first header that was begun to the last fact on the topic. */
async function inspectAll(flow: Flow, { s3 }: Addresses): Promise<number> {
  const { endpoint, region, accessKey, secretKey } = s3
  const store = okOf(
    await openS3Store({
      endpoint,
      region,
      credentials: { accessKey, secretKey },
      forcePathStyle: true,
      timeouts: S3_TIMEOUTS,
      buckets: [BUCKET],
    }),
  )
  const [stop, done] = [new AbortController(), Promise.withResolvers<void>()]
  let [begunMs, finished] = [0, 0]
  const observe: FlowPorts["observe"] = ({ kind, ...rest }) => {
    if (kind === "failed") done.reject(new Error(JSON.stringify(rest)))
    if (kind === "taken" && begunMs === 0) begunMs = performance.now()
    if (kind === "finished" && ++finished === FRAMES) done.resolve()
  }
  const ports = { ...flow, store, headers: openHeaderInspector(DEFAULT_LIMITS), outputsFor: besideSources, observe }
  const running = runGroup(INSPECTOR, ports, { stop: stop.signal, abort: new AbortController().signal })
  await done.promise
  const seconds = (performance.now() - begunMs) / 1000
  stop.abort()
  await running
  await store.close()
  return FRAMES / seconds
}

/** From the first merge to the last; gives rows a second, and rows a frame. */
async function projectAll(flow: Flow, { trino }: Addresses): Promise<readonly [number, number]> {
  const { url: endpoint, catalog } = trino
  const schema = `${catalog}."${PLACE.bucket}/${PLACE.schema}"`
  const options = { endpoint, catalog, ...PLACE, user: "bench", password: null, ca: null, timeouts: TRINO_TIMEOUTS }
  const table = okOf(await openTrinoTable(options))
  okOf(await table.ensure())
  const [stop, done] = [new AbortController(), Promise.withResolvers<void>()]
  let [begunMs, merged, batches] = [0, 0, 0]
  const counting: typeof table.merge = async (rows) => {
    begunMs ||= performance.now()
    const result = await table.merge(rows)
    batches += 1
    merged += rows.inspections?.length ?? 0
    if (merged >= FRAMES) done.resolve()
    return result
  }
  const ports = {
    ...flow,
    table: { ...table, merge: counting },
    notifications: silentNotifications,
    observe: () => undefined,
  }
  const running = runProjector(METADATA_PROJECTOR, ports, { stop: stop.signal, abort: new AbortController().signal })
  await done.promise
  const seconds = (performance.now() - begunMs) / 1000
  stop.abort()
  await running
  await table.close()
  const [files = 0, ...others] = await Promise.all(
    ["files", "parts", "channels", "attributes"].map(async (name) =>
      Number((await runSql(endpoint, `SELECT count(*) FROM ${schema}.${name}`))[0]?.[0]),
    ),
  )
  if (files !== FRAMES) throw new Error(`inspect-servers: ${files} of ${FRAMES} frames have rows`)
  const rows = others.reduce((sum, count) => sum + count, files)
  row("batches into Trino", String(batches), `${seconds.toFixed(1)} s, ${rows} rows`)
  return [rows / seconds, rows / FRAMES]
}
