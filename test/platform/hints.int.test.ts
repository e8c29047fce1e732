import { writeFileSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { GetObjectCommand } from "@aws-sdk/client-s3"
import { afterAll, beforeAll, expect, it } from "vitest"
import { deadlineJobEvent, protoJobEvent } from "../../src/ingest/testing/farm-messages.ts"
import { decodedPictures } from "../../src/picture/encode/mp4/testing/ffmpeg.ts"
import { eventually } from "../machine/eventually.ts"
import { freshTopic } from "../services/fresh.ts"
import { quietKafka } from "../services/kafka-admin.ts"
import { readValues, sendValues } from "../services/kafka-traffic.ts"
import { sharedServices } from "../services/shared.ts"
import { type Deployment, deploy } from "./deployment.ts"
import { putBytes, putFrame } from "./uploads.ts"

/** Three shots of two frames each, of which others say when they are complete. */
const SHOTS = ["sh010", "sh020", "sh030"] as const
const keyOf = (shot: string, frame: number): string => `${shot}/comp/beauty.${frame}.exr`
const outputOf = (shot: string, name: string): string => `${shot}/comp/.proxies/beauty_${name}.mp4`

let deployment: Deployment
let folder: string
let broker: string
let farm: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hints-"))
  const servers = await sharedServices("kafka", "registry", "s3", "trino")
  broker = servers.kafka.broker
  farm = await freshTopic(servers.kafka, "farm")
  const env = {
    OIIO_INTAKE_TOPICS: `${servers.s3.notificationTopic}:versitygw,${farm}`,
    // Nothing settles by itself while the test runs.
    OIIO_SEQUENCE_QUIET_SECONDS: "86400",
    OIIO_REVIEW: "true",
    OIIO_PROXY_PRESET: "ultrafast",
  }
  deployment = await deploy(servers, { of: "hints", partitions: 1, env })
})
afterAll(async () => {
  deployment.s3.destroy()
  await rm(folder, { recursive: true })
})

/** The rules name the bucket, which is made with the deployment. */
async function settingsFile(): Promise<string> {
  const file = join(folder, "settings.yaml")
  const at = { bucket: deployment.bucket, prefix: "{shot}/comp/" }
  const farmRules = [
    { by: "opencue", show: "ghost", job: "ghost-{shot}-*", ...at },
    { by: "deadline-cloud", queue: "queue-1", ...at, prefix: "sh020/" },
  ]
  await writeFile(file, JSON.stringify({ farmRules }))
  return file
}

async function picturesIn(key: string): Promise<number> {
  const { Body } = await deployment.s3.send(new GetObjectCommand({ Bucket: deployment.bucket, Key: key }))
  const file = join(folder, crypto.randomUUID())
  writeFileSync(file, (await Body?.transformToByteArray()) ?? "")
  return (await decodedPictures(file)).length
}

const COLUMNS = "folder, state, frames_made, movie_key, review_key, review_frames"

const sequences = () => deployment.sql(`SELECT ${COLUMNS} FROM ${deployment.tables}.sequences ORDER BY folder`)

it("what farms tell on Kafka, and an object .ready, make movies and review copies that rows and messages name", async () => {
  await deployment.starts("all", { OIIO_CONFIG: await settingsFile() })
  for (const shot of SHOTS)
    for (const [frame, sample] of [
      [1, "window"],
      [2, "shifted"],
    ] as const)
      await putFrame(deployment, keyOf(shot, frame), sample)
  await eventually("all frames have rows", async () => (await deployment.rowCount()) === 2 * SHOTS.length)
  expect(await sequences()).toEqual([])

  const told = [protoJobEvent({ name: "ghost-sh010-comp", show: "ghost" }), deadlineJobEvent("queue-1")]
  await sendValues(
    quietKafka(broker),
    farm,
    told.map((event) => JSON.stringify(event)),
  )
  await putBytes(deployment, "sh030/comp/.ready", "1-2")
  const copies = `SELECT count(review_key) FROM ${deployment.tables}.sequences`
  await eventually("all have copies", async () => Number((await deployment.sql(copies))[0]?.[0]) === SHOTS.length)
  const [movies, reviews] = ["movie", "review"].map((name) => SHOTS.map((shot) => outputOf(shot, name))) as [
    string[],
    string[],
  ]
  expect(await sequences()).toEqual(
    SHOTS.map((shot, at) => [`${shot}/comp/`, "made", "1-2", movies[at], reviews[at], 3]),
  )
  expect(await Promise.all([...movies, ...reviews].map(picturesIn))).toEqual([2, 2, 2, 3, 3, 3])

  const isGenerated = (value: string): boolean => value.includes('"sequence.generated"')
  const messages = await readValues(quietKafka(broker), deployment.env.KAFKA_COMPLETION_TOPIC ?? "", 6, isGenerated)
  const named = messages.map((value) => (JSON.parse(value) as { data: Readonly<Record<string, unknown>> }).data)
  expect(named.map(({ folder, review_uri = null }) => [folder, review_uri]).sort()).toEqual(
    SHOTS.flatMap((shot) => [
      [`${shot}/comp/`, null],
      [`${shot}/comp/`, `s3://${deployment.bucket}/${outputOf(shot, "review")}`],
    ]),
  )
})
