import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest"
import { namesIn } from "../crash/left-over.ts"
import { eventually } from "../machine/eventually.ts"
import { start } from "../machine/process.ts"
import { sharedServices } from "../services/shared.ts"
import { type Deployment, deploy } from "./deployment.ts"
import type { Process } from "./process.ts"
import { putFrame } from "./uploads.ts"

/** More than are rendered in the moment between hearing that one is made and telling the worker to stop. */
const KEYS = Array.from({ length: 40 }, (_, number) => `shots/sh010/beauty.10${String(number).padStart(2, "0")}.exr`)

let deployment: Deployment
let scratch: string

beforeAll(async () => {
  const servers = await sharedServices("kafka", "registry", "s3", "trino")
  scratch = mkdtempSync(join(tmpdir(), "drain-"))
  deployment = await deploy(servers, { of: "drain", partitions: 1, env: { OIIO_SCRATCH: scratch } })
})
afterAll(() => {
  deployment.s3.destroy()
  rmSync(scratch, { recursive: true, force: true })
})

const statusOf = async (process: Process, path: string): Promise<number> =>
  process.get(path).then(
    ({ status }) => status,
    () => 0,
  )

const made = async (): Promise<readonly string[]> =>
  (await deployment.facts("proxy-made")).map(({ element }) => element.key)

/** Whether the renderer's group has something to do, and how the status says since when. */
async function rendererWaits(): Promise<boolean> {
  const { lag } = await deployment.status()
  const mine = lag.filter((position) => position.group === "renderer" && position.lag > 0)
  return mine.length > 0 && mine.every((position) => "oldestUnacknowledgedMs" in position)
}

/** Keys of the frames that a worker's log says it has rendered. */
const renderedIn = (stderr: string): readonly string[] =>
  [...stderr.matchAll(/"key":"([^"]+)","reused":false,"msg":"outputs made"/g)].map(([, key = ""]) => key)

it("a worker that is told to stop finishes what it has begun, and leaves the rest to the next", async () => {
  await Promise.all(["projector", "ingest --serve"].map((role) => deployment.starts(role)))
  const follower = start(["events", "proxy-made", "--follow", "--json"], { env: deployment.env })
  onTestFinished(() => follower.send("SIGKILL"))
  const worker = await deployment.starts("worker")
  for (const key of KEYS) await putFrame(deployment, key, "beachball")
  await worker.says('"outputs made"')
  await eventually("it renders another", () => namesIn(scratch).length > 0)
  expect([await statusOf(worker, "/healthz"), await statusOf(worker, "/readyz")]).toEqual([200, 200])
  expect(await (await worker.get("/metrics")).text()).toMatch(/oiio_in_flight\{group="renderer"\} [1-9]/)
  worker.send("SIGTERM")
  await eventually("it takes no more work", async () => (await statusOf(worker, "/readyz")) === 503)
  expect(await statusOf(worker, "/healthz")).toBe(200)

  const { code, stderr } = await worker.ended
  expect(code).toBe(0)
  expect(stderr.slice(stderr.indexOf("what is begun is finished"))).toMatch(/"outputs made"/)
  const first = await made()
  expect(first.length).toBeLessThan(KEYS.length)
  await eventually("what is left waits", rendererWaits)

  const next = await deployment.starts("worker")
  await eventually("the rest is made", async () => new Set(await made()).size === KEYS.length)
  await deployment.settles()
  // A frame that was done before one ahead of it comes again, is found current, and its fact is the same.
  const facts = new Map((await deployment.facts("proxy-made")).map(({ factId, element }) => [factId, element.key]))
  expect([...facts.values()].toSorted()).toEqual(KEYS)
  const rendered = [...renderedIn(stderr), ...renderedIn((await next.stops()).stderr)]
  expect(rendered.toSorted()).toEqual(KEYS)
  expect((await deployment.rows()).map(({ s3_key }) => s3_key)).toEqual(KEYS)
  await follower.says(KEYS.at(-1) ?? "")
}, 300_000)
