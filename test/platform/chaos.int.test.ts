import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { GetObjectCommand } from "@aws-sdk/client-s3"
import sharp from "sharp"
import { afterAll, beforeAll, expect, it } from "vitest"
import { namesIn } from "../crash/left-over.ts"
import { eventually } from "../machine/eventually.ts"
import type { Sample } from "../machine/frames.ts"
import { type Services, startServices } from "../services/index.ts"
import { type Deployment, deploy } from "./deployment.ts"
import { type Gate, openGate } from "./http-gate.ts"
import type { Process } from "./process.ts"
import { startUploader } from "./uploader.ts"
import { outputKey, outputsOf } from "./uploads.ts"

/** Each had its share. */
const MADE = expect.stringContaining('"outputs made"')

const OUTAGE_MS = 20_000
const LONG_MS = 240_000

let services: Services<{ kafka: true; registry: true; s3: true; trino: true }>
let gate: Gate
let deployment: Deployment
let scratch: string

beforeAll(async () => {
  services = await startServices({ kafka: true, registry: true, s3: true, trino: true })
  const { kafka, registry, s3, trino } = services
  const addresses = { kafka: kafka.address, registry: registry.address, s3: s3.address, trino: trino.address }
  gate = await openGate(s3.address.endpoint)
  scratch = mkdtempSync(join(tmpdir(), "chaos-"))
  deployment = await deploy(addresses, { of: "chaos", partitions: 6, env: { S3_ENDPOINT: gate.endpoint } })
})

afterAll(async () => {
  deployment.s3.destroy()
  await gate.close()
  await services.close()
  rmSync(scratch, { recursive: true, force: true })
})

/** A frame at work has a folder in scratch space. */
type Worker = Process & { readonly isRendering: () => boolean }

async function startWorker(name: string): Promise<Worker> {
  const folder = join(scratch, name)
  const worker = await deployment.starts("worker", { OIIO_SCRATCH: folder })
  return { ...worker, isRendering: () => namesIn(folder).length > 0 }
}

/** The deployment goes on by itself: more rows than before, all of them made after this call. */
async function goesOn(): Promise<void> {
  const before = await deployment.rowCount()
  await eventually("more frames get their rows", async () => (await deployment.rowCount()) >= before + 3, LONG_MS)
}

/** Two workers, then three; one dies in mid-render, one leaves in peace. */
async function workersComeAndGo(): Promise<Worker> {
  const [first, second] = [await startWorker("first"), await startWorker("second")]
  await goesOn()
  const third = await startWorker("third")
  await goesOn()
  await first.says('"outputs made"')
  await eventually("the first worker renders", first.isRendering)
  first.send("SIGKILL")
  expect(await first.ended).toMatchObject({ signal: "SIGKILL", stderr: MADE })
  await goesOn()
  await second.says('"outputs made"')
  await eventually("the second worker renders", second.isRendering)
  expect(await second.stops()).toMatchObject({ code: 0, stderr: MADE })
  await goesOn()
  return third
}

/** Each server is away for a while, one after the other. */
async function serversComeAndGo(): Promise<void> {
  await services.kafka.restart()
  await goesOn()
  await services.registry.stop()
  await sleep(OUTAGE_MS)
  await services.registry.restart()
  await goesOn()
  gate.shut()
  await Promise.all([sleep(OUTAGE_MS), eventually("somebody is refused", () => gate.refused() > 0)])
  gate.open()
  await goesOn()
  await services.trino.restart()
  await goesOn()
}

/** Contents of one kind of output, by the frame that they were made of. */
async function picturesOf(uploaded: ReadonlyMap<string, Sample>, which: "thumb" | "proxy") {
  const found = new Map<Sample, Set<string>>()
  for (const [key, sample] of uploaded) {
    const { thumbnail, proxy } = await outputsOf(deployment, key)
    const { ContentType, ETag = "" } = which === "thumb" ? thumbnail : proxy
    expect([key, ContentType]).toEqual([key, which === "thumb" ? "image/jpeg" : "video/mp4"])
    found.set(sample, (found.get(sample) ?? new Set()).add(ETag))
  }
  return found
}

async function thumbnailShape(key: string): Promise<unknown> {
  const { bucket, s3 } = deployment
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: outputKey(key, "thumb") }))
  const { format, width, height } = await sharp(await Body?.transformToByteArray()).metadata()
  return { format, width, height }
}

it("ends with one row and correct outputs for every object, whatever was killed, stopped or away", async () => {
  const [projector, ingest] = [await deployment.starts("projector"), await deployment.starts("ingest --serve")]
  const uploader = startUploader(deployment)
  const workers = [await workersComeAndGo(), await startWorker("fourth")]
  await serversComeAndGo()
  await uploader.stops()
  await deployment.settles()
  await deployment.asks(`ingest ${deployment.bucket} --json`)
  await deployment.settles()

  const { uploaded } = uploader
  const keys = [...uploaded.keys()].toSorted()
  expect((await deployment.rows()).map(({ s3_key }) => s3_key).toSorted()).toEqual(keys)
  expect(await deployment.facts("element-failed")).toEqual([])
  expect(await deployment.failedElements()).toEqual([])
  for (const which of ["thumb", "proxy"] as const) {
    // The same frame gives the same bytes, whoever rendered it and whatever interrupted.
    for (const [sample, contents] of await picturesOf(uploaded, which))
      expect([sample, contents.size]).toEqual([sample, 1])
  }
  const [anyKey = ""] = keys
  expect(await thumbnailShape(anyKey)).toEqual({ format: "jpeg", width: 256, height: 256 })
  for (const worker of workers) expect(await worker.stops()).toMatchObject({ code: 0, stderr: MADE })
  for (const process of [projector, ingest]) expect(await process.stops()).toMatchObject({ code: 0 })
}, 1_200_000)
