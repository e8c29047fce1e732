import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, expect, it } from "vitest"
import { eventually } from "../machine/eventually.ts"
import { run } from "../machine/process.ts"
import { sharedServices } from "../services/shared.ts"
import { type Deployment, deploy } from "./deployment.ts"
import { startStubWorker } from "./process.ts"
import { atOnce, putBytes } from "./uploads.ts"

const BEFORE = 200
const EVERY_MS = 150

let deployment: Deployment

beforeAll(async () => {
  const servers = await sharedServices("kafka", "registry", "s3", "trino")
  deployment = await deploy(servers, { of: "rebuild", partitions: 3, env: { OIIO_RENDERS_IN_FLIGHT: "4" } })
})
afterAll(() => deployment.s3.destroy())

const keysOf = (folder: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, number) => `${folder}/beauty.${number}.exr`)

const upload = (keys: readonly string[], places: number): Promise<void> =>
  atOnce(places, keys, (key) => putBytes(deployment, key, `picture of ${key}`))

/** Somebody who goes on putting frames; gives what was put. */
function startStream(): { readonly stops: () => Promise<readonly string[]> } {
  const keys: string[] = []
  let isOver = false
  const putting = (async () => {
    while (!isOver) {
      const key = `meanwhile/beauty.${keys.length}.exr`
      await upload([key], 1)
      keys.push(key)
      await sleep(EVERY_MS)
    }
    return keys
  })()
  return {
    stops: () => {
      isOver = true
      return putting
    },
  }
}

/** Everything in a table, as it is, in the order of its key. */
const contentOf = (table: string, key: string, folder: string): Promise<readonly (readonly unknown[])[]> =>
  deployment.sql(`SELECT * FROM ${deployment.tables}.${table} WHERE ${key} LIKE '${folder}/%' ORDER BY ${key}`)

const contents = async (folder: string) => ({
  outputs: await contentOf("proxy_outputs", "s3_key", folder),
  elements: await contentOf("elements", "key", folder),
  files: await contentOf("files", "file_path", folder),
})

type Report = { readonly missing: number; readonly different: number; readonly orphaned: number }

/** As an operator calls it, in a process of its own. */
async function rebuild(): Promise<Report> {
  const { code, stdout, stderr } = await run(["rebuild", "--json"], { env: deployment.env })
  expect([code, stderr]).toEqual([0, expect.anything()])
  return JSON.parse(stdout) as Report
}

it("restores the tables while the stream goes on, and loses no row that arrives meanwhile", async () => {
  await Promise.all(["projector", "ingest --serve"].map((role) => deployment.starts(role)))
  await startStubWorker(deployment.env)
  await upload(keysOf("before", BEFORE), 16)
  await eventually("all rows are there", async () => (await deployment.rowCount()) === BEFORE, 240_000)
  await deployment.settles()
  const old = await contents("before")
  const { tables } = deployment
  await deployment.sql(`DELETE FROM ${tables}.proxy_outputs WHERE s3_key LIKE 'before/beauty.1%'`)
  await deployment.sql(`UPDATE ${tables}.proxy_outputs SET source_colorspace = 'wrong' WHERE s3_key LIKE '%.2.exr'`)
  const damaged = await deployment.rowCount()

  const stream = startStream()
  await eventually("new rows arrive", async () => (await deployment.rowCount()) > damaged)
  const duringTheStream = await rebuild()
  const there = await deployment.rowCount()
  await eventually("rows go on arriving", async () => (await deployment.rowCount()) > there)
  const meanwhile = await stream.stops()
  await eventually(
    "all rows are there",
    async () => (await deployment.rowCount()) >= BEFORE + meanwhile.length,
    240_000,
  )
  await deployment.settles()

  expect(duringTheStream.missing).toBeGreaterThanOrEqual(BEFORE - damaged)
  // The damaged row, and such as the log already knew better when they were compared.
  expect(duringTheStream.different).toBeGreaterThanOrEqual(1)
  expect(duringTheStream.orphaned).toBe(0)
  expect(await contents("before")).toEqual(old)
  const keys = (await deployment.rows()).map(({ s3_key }) => s3_key)
  expect(keys.toSorted()).toEqual([...keysOf("before", BEFORE), ...meanwhile].toSorted())
  expect(await rebuild()).toMatchObject({ missing: 0, different: 0, orphaned: 0 })
  expect(await contents("before")).toEqual(old)
}, 900_000)
