import { afterAll, beforeAll, expect, it } from "vitest"
import { call } from "../machine/answers.ts"
import { eventually } from "../machine/eventually.ts"
import { withAdmin } from "../services/kafka-admin.ts"
import { sharedServices } from "../services/shared.ts"
import { type Deployment, deploy } from "./deployment.ts"
import { startStubWorker } from "./process.ts"
import { atOnce, putBytes } from "./uploads.ts"

const KEYS = Array.from({ length: 6 }, (_, number) => `shots/sh010/beauty.000${number}.exr`)
const PARTITIONS = 2

let deployment: Deployment
let broker: string

beforeAll(async () => {
  const servers = await sharedServices("kafka", "registry", "s3", "trino")
  broker = servers.kafka.broker
  deployment = await deploy(servers, { of: "lost-queue", partitions: PARTITIONS })
})
afterAll(() => deployment.s3.destroy())

type Listed = { readonly arrived: number; readonly alreadyQueued: number }

const lists = async (): Promise<Listed | undefined> =>
  (await deployment.asks<Listed>(`ingest ${deployment.bucket} --json`))[0]

/** As an operator does who thinks that a topic full of old messages is in the way. */
async function isMadeAnew(topic: string): Promise<void> {
  const name = `${deployment.env.KAFKA_TOPIC_PREFIX}${topic}`
  await withAdmin(broker, (admin) => admin.deleteTopics({ topics: [name] }))
  await eventually("the topic is gone", () =>
    withAdmin(broker, async (admin) => !(await admin.listTopics()).includes(name)),
  )
  const { code, stderr } = await call(["topics", "create", "--partitions", String(PARTITIONS)], { env: deployment.env })
  if (code !== 0) throw new Error(stderr)
}

/** The table knows of everything that was appended; then its projector is away, as are the workers. */
async function isProjected(queued: number): Promise<void> {
  const projector = await deployment.starts("projector")
  await eventually("the rows say queued", async () => (await deployment.status()).states.queued === queued)
  await deployment.settles()
  await projector.stops()
}

it("frames whose queue was lost with its topic are queued anew, by a listing and by reprocess, and once", async () => {
  await atOnce(3, KEYS, (key) => putBytes(deployment, key, `picture of ${key}`))
  await (await deployment.starts("projector")).stops()
  expect(await lists()).toMatchObject({ arrived: 6 })
  await isProjected(6)
  expect(await lists()).toMatchObject({ arrived: 0, alreadyQueued: 6 })

  await isMadeAnew("element-created-backfill")
  expect(await lists()).toMatchObject({ arrived: 6, alreadyQueued: 0 })
  await isProjected(6)
  expect(await lists()).toMatchObject({ arrived: 0, alreadyQueued: 6 })

  await isMadeAnew("element-created-backfill")
  const again = ["reprocess", "--prefix", `s3://${deployment.bucket}/shots/`]
  expect((await call(again, { env: deployment.env })).stderr).toContain("6 frames queued again for the workers")
  await isProjected(6)
  expect((await call(again, { env: deployment.env })).stderr).toContain("0 frames queued again for the workers")

  await deployment.starts("projector")
  await startStubWorker(deployment.env)
  await eventually("all are made", async () => (await deployment.status()).states.done === 6)
  expect((await deployment.rows()).map(({ s3_key }) => s3_key)).toEqual(KEYS)
}, 400_000)
