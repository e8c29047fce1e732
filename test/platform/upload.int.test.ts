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
import { freePort } from "../services/ports.ts"
import { sharedServices } from "../services/shared.ts"
import { type Deployment, deploy, type Env } from "./deployment.ts"
import { openListener } from "./listener.ts"
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

/** What nobody lets in, and nobody may repeat either. */
const WRONG = "planted-wrong-secret-of-more-than-32-characters"

let servers: Addresses
let intakePort: number
let safe: Secured
let deployment: Deployment

beforeAll(async () => {
  servers = await sharedServices("kafka", "registry", "s3", "trino")
  safe = secured(servers)
  intakePort = await freePort()
  const env = { ...safe.env, OIIO_LOG_LEVEL: "trace", OIIO_INTAKE_PORT: String(intakePort) }
  deployment = await deploy(servers, { of: "upload", partitions: 3, env })
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
  said.push(JSON.stringify([thumbnail.Metadata, proxy.Metadata]))
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

const COMMANDS = [
  ...["status", "status --json", "events", "events --json", "events dead-letter --json", "outputs", "outputs --json"],
  ...["outputs --csv", "failures list", "failures list --json", "topics check", "doctor", "doctor --json", "prune"],
  ...["config explain", "config explain --json"],
]

/** Each secret wrong, one at a time: what its server answers, and what is said of it. */
const WRONG_SECRETS: readonly (readonly [names: string, env: Env])[] = [
  ["KAFKA_PASSWORD", { KAFKA_PASSWORD: WRONG }],
  ["VAST_DB_SECRET_KEY", { VAST_DB_SECRET_KEY: WRONG }],
  ["S3_SECRET_KEY", { S3_SECRET_KEY: WRONG }],
]

async function commandsAnswer(): Promise<void> {
  for (const command of COMMANDS) {
    const { stdout, stderr } = await call(command.split(" "), { env: deployment.env })
    expect([command, stdout + stderr === ""]).toEqual([command, false])
    said.push(stdout, stderr)
  }
  for (const [names, env] of WRONG_SECRETS) {
    const wrong = {
      ...deployment.env,
      ...env,
      OIIO_HTTP_PORT: "0",
      OIIO_INTAKE_PORT: "0",
      OIIO_START_RETRY_SECONDS: "0",
    }
    const refused = await call(["all"], { env: wrong })
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining(names) })
    const doctor = await call(["doctor", "--json"], { env: wrong })
    expect(doctor.stdout).toContain(names)
    said.push(refused.stdout, refused.stderr, doctor.stdout, doctor.stderr)
  }
}

/** Requests to the intake by whoever has no secret, a wrong one, and the right one for what nobody understands. */
async function strangersKnock(): Promise<void> {
  const { OIIO_INTAKE_SECRET = "" } = deployment.env
  const address = `http://127.0.0.1:${intakePort}/`
  const knocks: readonly (readonly [status: number, path: string, headers: Env])[] = [
    [401, "", {}],
    [401, `?token=${WRONG}`, { authorization: `Bearer ${WRONG}` }],
    [401, "", { authorization: `Basic ${Buffer.from(`user:${WRONG}`).toString("base64")}` }],
    [
      401,
      "",
      {
        "webhook-id": "1",
        "webhook-timestamp": String(Math.floor(Date.now() / 1000)),
        "webhook-signature": `v1,${WRONG}`,
      },
    ],
    [422, "", { authorization: `Bearer ${OIIO_INTAKE_SECRET}` }],
  ]
  for (const [status, path, headers] of knocks) {
    const answer = await fetch(`${address}${path}`, { method: "POST", headers, body: '{"what":"nobody knows"}' })
    expect(answer.status).toBe(status)
    said.push(await answer.text(), JSON.stringify([...answer.headers]))
  }
}

it("takes frames from their upload to outputs, rows and both notifications", async () => {
  const processes = await Promise.all(
    ["worker", "projector", "ingest --serve --intake-http"].map((role) => deployment.starts(role)),
  )
  const port = await freePort()
  const server = await deployment.starts("serve", { OIIO_SERVE_PORT: String(port) })
  const listener = await openListener(port)
  for (const [key, sample] of Object.entries(FRAMES)) await putFrame(deployment, key, sample)
  await putFrame(deployment, DAMAGED, "damaged")
  const isDone = async (): Promise<boolean> =>
    (await deployment.rows()).length === KEYS.length && (await deployment.failedElements()).length === 1
  await eventually("every frame has its row", isDone, 180_000)
  await deployment.settles()
  await strangersKnock()

  expect((await deployment.rows()).map(({ s3_key }) => s3_key).toSorted()).toEqual(KEYS)
  for (const key of KEYS) await outputsAreThere(key)
  await joinAnswers()
  await bothNotificationsArrive()
  await everyFactDecodes()
  expect(await deployment.failedElements()).toMatchObject([{ key: DAMAGED, kind: "permanent" }])
  await listener.hears(KEYS, DAMAGED)
  await listener.looksBack(deployment.bucket, KEYS[0] ?? "")
  await listener.retries(deployment.bucket, DAMAGED)
  said.push((await server.stops()).stderr)
  await listener.isLetGo()
  said.push(listener.all())
  await processesAreWell(processes)
}, 400_000)

it("says no credential in any log line, error, event, status or setting over that whole run", async () => {
  await commandsAnswer()
  const all = said.join("\n")
  expect(all.length).toBeGreaterThan(10_000)
  for (const secret of [...safe.secrets, WRONG]) {
    const spellings = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), ...inBase64(secret)]
    for (const spelling of spellings) expect(all.includes(spelling)).toBe(false)
  }
})

it("would find each of them, did anybody say it", () => {
  const basic = Buffer.from(`user:${WRONG}`).toString("base64")
  expect(inBase64(WRONG).some((spelling) => basic.includes(spelling))).toBe(true)
})

/** What base64 has of a secret, wherever it begins in what is encoded. */
const inBase64 = (secret: string): readonly string[] =>
  [0, 1, 2].map((before) =>
    Buffer.from(`${" ".repeat(before)}${secret}`)
      .toString("base64")
      .slice(4, 20),
  )
