import { readFile } from "node:fs/promises"
import { GetObjectTaggingCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { freshBucket, freshName, freshSchema, freshTopic } from "../../test/services/fresh.ts"
import { quietKafka } from "../../test/services/kafka-admin.ts"
import { readValues, sendValues } from "../../test/services/kafka-traffic.ts"
import { s3Client } from "../../test/services/s3.ts"
import { sharedServices } from "../../test/services/shared.ts"
import { call, type Ended } from "../cli/testing/call.ts"
import { recorded } from "../cli/testing/console.ts"
import { type InterruptSource, listenForInterrupts } from "../system/interrupts.ts"
import type { ProxyOutputRow } from "../table/rows.ts"

const FRAME = new URL("../../samples/openexr-images/Beachball/singlepart.0001.exr", import.meta.url)

type Env = Readonly<Record<string, string>>

type Installation = {
  readonly env: Env
  readonly bucket: string
  readonly topic: string
  readonly s3: S3Client
  readonly broker: string
}

let given: Installation

beforeAll(async () => {
  const { kafka, registry, s3, trino } = await sharedServices("kafka", "registry", "s3", "trino")
  const bucket = await freshBucket(s3, "renders")
  const schema = await freshSchema(trino, "tables")
  const topic = await freshTopic(kafka, "arrivals", 3)
  const env = {
    KAFKA_BROKER: kafka.broker,
    KAFKA_TOPIC_PREFIX: `${freshName("oiio")}.`,
    KAFKA_TOPIC: await freshTopic(kafka, "proxy"),
    KAFKA_COMPLETION_TOPIC: await freshTopic(kafka, "completion"),
    SCHEMA_REGISTRY_URL: registry.url,
    S3_ENDPOINT: s3.endpoint,
    S3_REGION: s3.region,
    S3_ACCESS_KEY: s3.accessKey,
    S3_SECRET_KEY: s3.secretKey,
    S3_BUCKETS: bucket,
    VAST_DB_ENDPOINT: trino.url,
    VAST_DB_BUCKET: schema.split("/")[0] ?? "",
    OIIO_INTAKE_TOPICS: `${topic}:versitygw`,
    OIIO_INTAKE_PORT: "0",
    OIIO_HTTP_PORT: "0",
    OIIO_HTTP_HOST: "127.0.0.1",
    OIIO_RECONCILE_MINUTES: "0",
    OIIO_START_RETRY_SECONDS: "300",
    OIIO_LOG_FORMAT: "json",
    PATH: process.env.PATH ?? "",
  }
  given = { env, bucket, topic, s3: s3Client(s3), broker: kafka.broker }
  for (const command of ["topics create --partitions 3", "schemas register"]) {
    const ended = await call(command.split(" "), { env })
    expect(ended, ended.stderr).toMatchObject({ code: 0 })
  }
})

afterAll(() => given.s3.destroy())

type Line = { readonly msg: string; readonly port?: number; readonly level: string }

type Process = {
  readonly interrupts: InterruptSource
  readonly ended: Promise<Ended>
  readonly lines: () => readonly Line[]
  /** Ports of operations and of the HTTP intake, once it takes work. */
  readonly isReady: () => Promise<{ readonly ops: number; readonly intake: number }>
}

/** A service in this process, as `bin` would run it, stopped with the test. */
function starts(argv: readonly string[], more: Env = {}): Process {
  const interrupts = listenForInterrupts(() => undefined)
  const stderr = recorded()
  const ended = call(argv, { env: { ...given.env, ...more }, interrupts, stderr })
  const lines = (): readonly Line[] =>
    stderr
      .text()
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Line)
  const portOf = (says: RegExp): number => lines().find(({ msg }) => says.test(msg))?.port ?? 0
  onTestFinished(async () => {
    interrupts.receive("SIGTERM")
    await ended
  })
  return {
    interrupts,
    ended,
    lines,
    isReady: async () => {
      const isUp = async (): Promise<boolean> => lines().some(({ msg }) => msg === "ready")
      const over = ended.then(() => "ended")
      while (!(await isUp()))
        if ((await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 50))])) === "ended")
          throw new Error(`it ended: ${stderr.text()}`)
      return { ops: portOf(/ starts$/), intake: portOf(/taken over HTTP/) }
    },
  }
}

const arrival = (key: string): string =>
  JSON.stringify({
    Records: [
      {
        eventName: "s3:ObjectCreated:Put",
        s3: { bucket: { name: given.bucket }, object: { key, size: 1, eTag: '"e"' } },
      },
    ],
  })

const puts = async (...keys: readonly string[]): Promise<void> => {
  const Body = await readFile(FRAME)
  for (const Key of keys) await given.s3.send(new PutObjectCommand({ Bucket: given.bucket, Key, Body }))
}

const rows = async (): Promise<ProxyOutputRow[]> => {
  const { stdout, code, stderr } = await call(["outputs", "--json"], { env: given.env })
  expect(code, stderr).toBe(0)
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as ProxyOutputRow)
}

const eventually = (condition: () => Promise<boolean>): Promise<void> =>
  expect.poll(condition, { timeout: 240_000, interval: 250 }).toBe(true)

const hasRow = async (key: string): Promise<boolean> => (await rows()).some(({ s3_key }) => s3_key === key)

describe("the deployment in one process", () => {
  it("takes a frame from its notification to its row and both messages", async () => {
    const key = "shots/ünï +/beauty.0001.exr"
    await puts(key)
    const process = starts(["all"])
    const { ops } = await process.isReady()
    await sendValues(quietKafka(given.broker), given.topic, [arrival(key), "{ not json"])
    await eventually(() => hasRow(key))

    const Key = "shots/ünï +/.proxies/beauty.0001_thumb.jpg"
    const head = await given.s3.send(new HeadObjectCommand({ Bucket: given.bucket, Key }))
    expect(head.ContentType).toBe("image/jpeg")
    const tags = await given.s3.send(new GetObjectTaggingCommand({ Bucket: given.bucket, Key }))
    expect(tags.TagSet).toContainEqual({ Key: "media_type", Value: "thumbnail" })

    const { KAFKA_TOPIC = "", KAFKA_COMPLETION_TOPIC = "" } = given.env
    const [generated] = await readValues(quietKafka(given.broker), KAFKA_TOPIC, 1)
    expect(JSON.parse(generated ?? "")).toMatchObject({ type: "proxy.generated" })
    const [completed] = await readValues(quietKafka(given.broker), KAFKA_COMPLETION_TOPIC, 1)
    expect(JSON.parse(completed ?? "")).toMatchObject({ data: { success: true, s3_key: key } })

    const metrics = await (await fetch(`http://127.0.0.1:${ops}/metrics`)).text()
    expect(metrics).toMatch(/oiio_stage_seconds_count\{stage="render-outputs",ok="true"\} 1/)
    expect(metrics).toMatch(/oiio_outputs_total\{reused="false"\} 1/)
    expect(metrics).toMatch(/oiio_intake_dead_letters_total\{from="arrivals-[^"]*"\} 1/)
    expect(metrics).toMatch(/oiio_in_flight\{group="renderer"\} 0/)
    expect((await fetch(`http://127.0.0.1:${ops}/readyz`)).status).toBe(200)

    process.interrupts.receive("SIGTERM")
    expect(await process.ended).toMatchObject({ code: 0 })
    expect(process.lines().filter(({ level }) => level === "error")).toEqual([])
  })

  it("takes a frame over HTTP, as a function container gets it, and status sees every group", async () => {
    const key = "http/a.0001.exr"
    await puts(key)
    const { intake } = await starts(["all"]).isReady()
    const headers = { "ce-specversion": "1.0", "ce-type": "vastdata.com:Element.ElementCreated", "ce-id": "1" }
    const answer = await fetch(`http://127.0.0.1:${intake}/`, {
      method: "POST",
      headers: { ...headers, "ce-source": "vastdata.com:t", "ce-elementpath": `${given.bucket}/${key}` },
    })
    expect(answer.status).toBe(204)
    await eventually(() => hasRow(key))
    const { stdout } = await call(["status", "--json"], { env: given.env })
    const groups = (JSON.parse(stdout) as { lag: { group: string }[] }).lag.map(({ group }) => group)
    expect(groups).toEqual(expect.arrayContaining(["renderer", "projector", "inspector"]))
  })
})

describe("a bucket that is listed", () => {
  it("queues what no message told of, once, and a worker with a projector makes it", async () => {
    const keys = ["listed/a.0001.exr", "listed/b.0001.exr"]
    await puts(...keys)
    const listed = await call(["ingest", given.bucket, "--prefix", "listed/", "--json"], { env: given.env })
    expect(listed, listed.stderr).toMatchObject({ code: 0 })
    expect(JSON.parse(listed.stdout)).toMatchObject({ found: 2, arrived: 2 })
    starts(["worker"])
    starts(["projector"])
    await eventually(async () => (await Promise.all(keys.map(hasRow))).every((there) => there))
    const again = await call(["ingest", given.bucket, "--prefix", "listed/", "--json"], { env: given.env })
    expect(JSON.parse(again.stdout)).toMatchObject({ found: 2, arrived: 0, current: 2 })
  })
})

describe("a start that cannot succeed", () => {
  it.each([
    ["a broker that is none", { KAFKA_BROKER: "127.0.0.1:1" }, /KAFKA_BROKER/],
    ["a registry that is none", { SCHEMA_REGISTRY_URL: "http://127.0.0.1:1" }, /SCHEMA_REGISTRY_URL/],
    ["a wrong secret", { S3_SECRET_KEY: "not-the-secret" }, /S3_ACCESS_KEY|S3_SECRET_KEY|S3_ENDPOINT/],
    ["a bucket that is not there", { S3_BUCKETS: "nowhere-at-all" }, /nowhere-at-all/],
    ["a topic that is not there", { KAFKA_TOPIC: "nowhere.at.all" }, /KAFKA_TOPIC/],
    ["an intake topic that is not there", { OIIO_INTAKE_TOPICS: "nowhere.at.all" }, /OIIO_INTAKE_TOPICS/],
    ["no Trino", { VAST_DB_ENDPOINT: "http://127.0.0.1:1" }, /VAST_DB_ENDPOINT/],
    ["other topics", { KAFKA_TOPIC_PREFIX: "nobody." }, /KAFKA_TOPIC_PREFIX/],
  ])("%s ends with exit code 3 and the setting's name", async (_, env, says) => {
    const { code, stderr } = await call(["all"], { env: { ...given.env, OIIO_START_RETRY_SECONDS: "0", ...env } })
    expect(code, stderr).toBe(3)
    expect(stderr).toMatch(says)
    expect(stderr).not.toContain("not-the-secret")
  })
})
