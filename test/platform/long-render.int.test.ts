import { afterAll, beforeAll, expect, it } from "vitest"
import { elementOf } from "../../src/events/testing/sequence-facts.ts"
import { eventually } from "../machine/eventually.ts"
import { sharedServices } from "../services/shared.ts"
import { type Deployment, deploy } from "./deployment.ts"
import { startStubWorker } from "./process.ts"
import { atOnce, putBytes } from "./uploads.ts"

const RENDER_MS = 180_000
const OTHERS = 200
const SLOW = "slow/beauty.0001.exr"

let deployment: Deployment

beforeAll(async () => {
  const servers = await sharedServices("kafka", "registry", "s3", "trino")
  // Renders enough at once for the slow one and for others beside it.
  deployment = await deploy(servers, { of: "long", partitions: 4, env: { OIIO_RENDERS_IN_FLIGHT: "4" } })
})
afterAll(() => deployment.s3.destroy())

const made = async () =>
  (await deployment.records("proxy-made")).map(({ partition, offset, timestampMs, ...fact }) => ({
    ...{ partition, offset, timestampMs },
    key: elementOf(fact).key,
  }))

it("keeps its partition over a render of three minutes, and everything else is made before it", async () => {
  await deployment.starts("ingest --serve")
  const workers = [await startStubWorker(deployment.env), await startStubWorker(deployment.env)]
  for (const worker of workers) await worker.says(/"renderer","partitions":2,"msg":"partitions joined"/)
  await putBytes(deployment, SLOW, `slow ${RENDER_MS}`)
  await eventually("the slow one renders", async () => (await deployment.facts("colorspace-detected")).length === 1)
  const others = Array.from({ length: OTHERS }, (_, number) => `shots/sh${number % 20}/beauty.${number}.exr`)
  await atOnce(16, others, (key) => putBytes(deployment, key, `picture of ${key}`))
  await eventually("the slow one is made", async () => (await made()).some(({ key }) => key === SLOW), 2 * RENDER_MS)

  const all = await made()
  expect(all.map(({ key }) => key).toSorted()).toEqual([SLOW, ...others].toSorted())
  const slow = all.find(({ key }) => key === SLOW)
  const beside = all.filter(({ partition }) => partition === slow?.partition)
  // In one partition the log itself says what came first, across partitions its time does.
  expect(beside.length).toBeGreaterThan(10)
  expect(beside.at(-1)).toEqual(slow)
  expect(all.toSorted((a, b) => a.timestampMs - b.timestampMs).at(-1)).toEqual(slow)
  const endedAt = new Date().toISOString()
  for (const { code, stderr } of await Promise.all(workers.map((worker) => worker.stops()))) {
    expect(code).toBe(0)
    expect(movesWhileRendering(stderr, endedAt)).toEqual([])
  }
}, 600_000)

/**
 * What a worker says of its share of the renderer's group after both have theirs, and before they are told to end: whoever
 * ends last takes over what the other leaves. Other groups may still be joining.
 */
const movesWhileRendering = (stderr: string, endedAt: string): readonly string[] =>
  stderr
    .slice(stderr.indexOf('"outputs made"'))
    .split("\n")
    .filter((line) => /renderer",.*"partitions (lost|joined)"/.test(line))
    .filter((line) => (JSON.parse(line) as { readonly time: string }).time < endedAt)
