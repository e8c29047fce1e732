import { afterAll, beforeAll, expect, it } from "vitest"
import { call, linesOf } from "../machine/answers.ts"
import { eventually } from "../machine/eventually.ts"
import { withAdmin } from "../services/kafka-admin.ts"
import { sharedServices } from "../services/shared.ts"
import { type Deployment, deploy, type Env } from "./deployment.ts"
import { putBytes } from "./uploads.ts"

const KEYS = ["shots/a.0001.exr", "shots/a.0002.exr", "shots/a.0003.exr"]

const NOBODY = "127.0.0.1:1"

let deployment: Deployment
let broker: string

beforeAll(async () => {
  const servers = await sharedServices("kafka", "registry", "s3", "trino")
  broker = servers.kafka.broker
  deployment = await deploy(servers, { of: "incident", partitions: 1 })
})
afterAll(() => deployment.s3.destroy())

type Shown = {
  readonly states: { readonly queued: number } | null
  readonly unreachable: number | null
  readonly lag: readonly { readonly group: string; readonly lag: number }[] | null
  readonly intake: readonly { readonly lag: number }[] | null
  readonly groups: readonly { readonly group: string; readonly members: number; readonly waiting: number }[] | null
  readonly warnings: readonly string[]
  readonly missing: readonly { readonly part: string; readonly code: string }[]
}

async function status(env: Env = {}) {
  const { code, stdout, stderr } = await call(["status", "--json"], { env: { ...deployment.env, ...env } })
  return { code, stderr, shown: JSON.parse(stdout) as Shown }
}

const runs = (command: string, env: Env) => call(command.split(" "), { env: { ...deployment.env, ...env } })

const REGISTRY_AND_STORE = { SCHEMA_REGISTRY_URL: `http://${NOBODY}`, S3_ENDPOINT: `http://${NOBODY}` }

it("rows of frames that are listed and queued say so, while no worker ever started", async () => {
  await (await deployment.starts("projector")).stops()
  for (const key of KEYS) await putBytes(deployment, key, `picture of ${key}`)
  await deployment.asks(`ingest ${deployment.bucket} --json`)
  const projector = await deployment.starts("projector")
  await eventually("the rows say queued", async () => (await deployment.status()).states.queued === 3)
  await deployment.settles()
  await projector.stops()
}, 240_000)

it("without registry and store, status, outputs and failures list show everything", async () => {
  const { code, shown, stderr } = await status(REGISTRY_AND_STORE)
  expect(code, stderr).toBe(0)
  expect(shown).toMatchObject({ states: { queued: 3, done: 0 }, unreachable: 0, missing: [] })
  for (const command of ["outputs --json", "failures list --json"])
    expect(await runs(command, REGISTRY_AND_STORE)).toMatchObject({ code: 0, stdout: "" })
})

it("without brokers too, outputs and failures list do, and status shows the rows and names what is missing", async () => {
  const env = { ...REGISTRY_AND_STORE, KAFKA_BROKER: NOBODY }
  const { code, shown, stderr } = await status(env)
  expect(code).toBe(3)
  expect(shown).toMatchObject({ states: { queued: 3 }, unreachable: null, lag: null, intake: null, groups: null })
  expect(shown.missing).toEqual([{ part: "positions", code: "log/unreachable", says: expect.stringContaining(NOBODY) }])
  expect(stderr).toContain("not shown: how far the groups are")
  for (const command of ["outputs --json", "failures list --json"])
    expect(await runs(command, env)).toMatchObject({ code: 0, stdout: "" })
})

it("without Trino, status shows the positions, and the others say what is away", async () => {
  const env = { VAST_DB_ENDPOINT: `http://${NOBODY}` }
  const { code, shown, stderr } = await status(env)
  expect(code).toBe(3)
  expect(shown).toMatchObject({ states: null, unreachable: null })
  expect(shown.missing).toMatchObject([{ part: "table", code: "table/unreachable" }])
  expect(shown.lag).toContainEqual(expect.objectContaining({ group: "projector", lag: 0 }))
  expect(stderr).toContain("not shown: what is done, queued and failed")
  for (const command of ["outputs", "failures list"]) {
    const ended = await runs(command, env)
    expect(ended.code).toBe(3)
    expect(ended.stderr).toMatch(/VAST_DB_ENDPOINT[\s\S]*table\/unreachable/)
  }
  const events = await runs("events element-created-backfill --json", env)
  expect([events.code, linesOf(events.stdout).length]).toEqual([0, 3])
})

it("says that work waits for a group without a process, notifications before the intake included", async () => {
  const { shown } = await status()
  const backfill = `${deployment.env.KAFKA_TOPIC_PREFIX}renderer-backfill`
  expect(shown.groups).toContainEqual({ group: backfill, hasBegun: false, members: 0, waiting: 3 })
  expect(shown.warnings).toContain(`Group ${backfill}: 3 records wait and no process is a member: start \`worker\`.`)
  expect(shown.intake?.reduce((sum, { lag }) => sum + lag, 0)).toBeGreaterThanOrEqual(3)
  expect(shown.warnings.join("\n")).toMatch(
    /ingest: [\d,]+ records wait and no process is a member: start `ingest --serve`/,
  )
  expect((await runs("status", {})).stdout).toMatch(/[\d,]+ notifications not taken in yet\nwarning: /)
})

it("says which queued frames will reach no group, and what to do", async () => {
  const name = `${deployment.env.KAFKA_TOPIC_PREFIX}element-created-backfill`
  await withAdmin(broker, (admin) => admin.deleteTopics({ topics: [name] }))
  await eventually("the topic is gone", () =>
    withAdmin(broker, async (admin) => !(await admin.listTopics()).includes(name)),
  )
  await runs("topics create --partitions 1", {})
  const { code, shown } = await status(REGISTRY_AND_STORE)
  expect(code).toBe(0)
  expect(shown.unreachable).toBe(3)
  expect(shown.warnings[0]).toMatch(/^3 frames marked as queued will reach no group.*`ingest BUCKET` or `reprocess`/)
})
