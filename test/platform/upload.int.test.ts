import { GetObjectTaggingCommand } from "@aws-sdk/client-s3"
import { afterAll, beforeAll, expect, it } from "vitest"
import { openFactReader, registrySchemas } from "../../src/events/index.ts"
import { FACT_TOPICS } from "../../src/events/schemas.ts"
import { call } from "../machine/answers.ts"
import { eventually } from "../machine/eventually.ts"
import type { Sample } from "../machine/frames.ts"
import type { Addresses } from "../services/index.ts"
import { quietKafka } from "../services/kafka-admin.ts"
import { readValues } from "../services/kafka-traffic.ts"
import { sharedServices } from "../services/shared.ts"
import { type Deployment, deploy } from "./deployment.ts"
import type { Process } from "./process.ts"
import { rawValues } from "./raw-values.ts"
import { type Secured, secured } from "./secure.ts"
import { outputKey, outputsOf, putFrame } from "./uploads.ts"

const FRAMES: Readonly<Record<string, Sample>> = {
  "shots/sh010/beauty.0001.exr": "beachball",
  "shots/ünï +& 日本/beauty.0001.exr": "window",
  "shots/sh010/plate.0001.dpx": "film",
  "root.tif": "flower",
}
const DAMAGED = "shots/sh010/broken.0001.exr"
const KEYS = Object.keys(FRAMES).toSorted()

let servers: Addresses
let safe: Secured
let deployment: Deployment

beforeAll(async () => {
  servers = await sharedServices("kafka", "registry", "s3", "trino")
  safe = secured(servers)
  deployment = await deploy(servers, { of: "upload", partitions: 3, env: { ...safe.env, OIIO_LOG_LEVEL: "trace" } })
})
afterAll(() => {
  deployment.s3.destroy()
  safe.remove()
})

/** What the deployment has said or written anywhere, gathered while the test goes on. */
const said: string[] = []

async function outputsAreThere(key: string): Promise<void> {
  const { s3, bucket } = deployment
  const { thumbnail, proxy } = await outputsOf(deployment, key)
  expect([thumbnail.ContentType, proxy.ContentType]).toEqual(["image/jpeg", "video/mp4"])
  for (const [which, mediaType] of [
    ["thumb", "thumbnail"],
    ["proxy", "proxy"],
  ] as const) {
    const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: outputKey(key, which) }))
    expect(TagSet).toContainEqual({ Key: "media_type", Value: mediaType })
    expect(TagSet).toContainEqual({ Key: "generator", Value: "oiio-proxy-generator" })
  }
}

/** What exr-inspector's readers ask: the proxies of the files that have metadata. */
async function joinAnswers(): Promise<void> {
  const { tables, bucket } = deployment
  const joined = await deployment.sql(
    `SELECT p.s3_key, f.file_path, p.thumbnail_s3_key FROM ${tables}.proxy_outputs p
     JOIN ${tables}.files f ON f.file_id = p.file_id AND f.s3_bucket = p.s3_bucket
     WHERE p.s3_bucket = '${bucket}' ORDER BY p.s3_key`,
  )
  expect(joined).toEqual(KEYS.map((key) => [key, key, outputKey(key, "thumb")]))
}

async function bothNotificationsArrive(): Promise<void> {
  const { KAFKA_TOPIC = "", KAFKA_COMPLETION_TOPIC = "" } = deployment.env
  const kafka = quietKafka(servers.kafka.broker)
  const generated = await readValues(kafka, KAFKA_TOPIC, KEYS.length)
  const uris = generated.map((value) => JSON.parse(value) as { type: string; thumbnail_uri: string })
  expect(new Set(uris.map(({ type }) => type))).toEqual(new Set(["proxy.generated"]))
  const expected = KEYS.map((key) => `s3://${deployment.bucket}/${outputKey(key, "thumb")}`)
  expect(uris.map(({ thumbnail_uri }) => thumbnail_uri).toSorted()).toEqual(expected.toSorted())
  const completed = await readValues(kafka, KAFKA_COMPLETION_TOPIC, KEYS.length + 1)
  const outcomes = completed.map((value) => JSON.parse(value) as { data: { s3_key: string; success: boolean } })
  expect(new Map(outcomes.map(({ data }) => [data.s3_key, data.success]))).toEqual(
    new Map([...KEYS.map((key) => [key, true] as const), [DAMAGED, false]]),
  )
  said.push(...generated, ...completed)
}

/** Read as any other team would: the registry's schema by the id in the bytes. */
async function everyFactDecodes(): Promise<void> {
  const reader = openFactReader(registrySchemas(servers.registry.url))
  const counts: Record<string, number> = {}
  for (const topic of FACT_TOPICS) {
    const name = `${deployment.env.KAFKA_TOPIC_PREFIX}${topic}`
    const values = await rawValues(servers.kafka.broker, name)
    for (const value of values) {
      const read = await reader.read(name, value)
      expect(read.ok ? read.value.topic : read.failure.says).toBe(topic)
      said.push(value?.toString("latin1") ?? "")
    }
    counts[topic] = values.length
  }
  const made = KEYS.length
  expect(counts).toMatchObject({ "element-created": made + 1, "proxy-made": made, "source-inspected": made })
  for (const topic of ["colorspace-detected", "thumbnail-made"]) expect(counts[topic]).toBe(made)
}

/** Health, readiness and metrics of each; then all end in peace. */
async function processesAreWell(processes: readonly Process[]): Promise<void> {
  for (const process of processes) {
    for (const path of ["/healthz", "/readyz", "/metrics"]) {
      const answer = await process.get(path)
      expect([path, answer.status]).toEqual([path, 200])
      said.push(await answer.text())
    }
  }
  for (const process of processes) {
    const ended = await process.stops()
    expect(ended).toMatchObject({ code: 0 })
    // One object a line, but for the word to whoever pressed Ctrl-C.
    const lines = ended.stderr.trimEnd().split("\n")
    expect(lines.filter((line) => !line.startsWith("{"))).toEqual(["Stopping: what is begun is finished."])
    said.push(ended.stdout, ended.stderr)
  }
}

const COMMANDS = ["status", "status --json", "events --json", "outputs --json", "failures list --json", "topics check"]

async function commandsAnswer(): Promise<void> {
  for (const command of [...COMMANDS, "config explain", "config explain --json"]) {
    const { stdout, stderr } = await call(command.split(" "), { env: deployment.env })
    expect([command, stdout === ""]).toEqual([command, false])
    said.push(stdout, stderr)
  }
  const wrong = { ...deployment.env, KAFKA_PASSWORD: `${deployment.env.KAFKA_PASSWORD}x`, OIIO_HTTP_PORT: "0" }
  const refused = await call(["all"], { env: wrong })
  expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining("KAFKA_PASSWORD") })
  said.push(refused.stdout, refused.stderr)
}

it("takes frames from their upload to outputs, rows and both notifications", async () => {
  const processes = await Promise.all(["worker", "projector", "ingest --serve"].map((role) => deployment.starts(role)))
  for (const [key, sample] of Object.entries(FRAMES)) await putFrame(deployment, key, sample)
  await putFrame(deployment, DAMAGED, "damaged")
  const isDone = async (): Promise<boolean> =>
    (await deployment.rows()).length === KEYS.length && (await deployment.failedElements()).length === 1
  await eventually("every frame has its row", isDone, 180_000)
  await deployment.settles()

  expect((await deployment.rows()).map(({ s3_key }) => s3_key).toSorted()).toEqual(KEYS)
  for (const key of KEYS) await outputsAreThere(key)
  await joinAnswers()
  await bothNotificationsArrive()
  await everyFactDecodes()
  expect(await deployment.failedElements()).toMatchObject([{ key: DAMAGED, kind: "permanent" }])
  await processesAreWell(processes)
}, 400_000)

it("says no credential in any log line, error, event, status or setting over that whole run", async () => {
  await commandsAnswer()
  const all = said.join("\n")
  expect(all.length).toBeGreaterThan(10_000)
  for (const secret of safe.secrets) expect(all.includes(secret)).toBe(false)
})
