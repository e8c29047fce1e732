import { writeFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import { unwrap } from "../../src/events/testing/results.ts"
import { messagesFor } from "../../src/notify/messages.ts"
import { type Driver, drive } from "../driver/index.ts"
import { completions } from "./harbor.ts"

const KEY = "sh010/a.exr"

let t: Driver
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "jobs-"))
  t = await drive({ policy: { spaceharbor: true } })
})
afterEach(async () => {
  await t.close()
  await rm(folder, { recursive: true })
})

type Labels = { readonly tags?: Record<string, string>; readonly metadata?: Record<string, string> }

/** An upload as SpaceHarbor's own client or a person does it: the object may state whose it is, the event does not. */
async function uploaded(text: string, { tags = {}, metadata = {} }: Labels = {}): Promise<void> {
  const file = join(folder, "source")
  writeFileSync(file, text)
  unwrap(await t.store.put({ bucket: "show", key: KEY }, file, { contentType: "image/x-exr", tags, metadata }))
  await t.arrives({ key: KEY })
}

const told = () => t.told.flatMap(messagesFor({ jobsOnly: true }))
const jobless = () => t.observed.filter(({ kind }) => kind === "no-job")

it("an upload without a job publishes no completion that could only be burnt, says so, and is told of all the same", async () => {
  await uploaded("a")
  expect(told().map(({ value }) => value.type)).toEqual(["proxy.generated"])
  expect(jobless()).toEqual([{ kind: "no-job", bucket: "show", key: KEY, success: true }])
  expect((await t.rows()).length).toBe(1)
  expect((await t.facts("proxy-made")).length).toBe(1)
})

it.each([
  ["tags", { tags: { "ah-job-id": "job-1" } }],
  ["metadata", { metadata: { "job-id": "job-1" } }],
])("an upload with a job in its %s completes it, once", async (_where, labels) => {
  await uploaded("a", labels)
  await t.arrives({ key: KEY, elementId: "delivered again" })
  const harbor = completions(["job-1"])
  expect(told().map(({ value }) => harbor.take(value))).toEqual(["ignored", "completed", "ignored", "duplicate"])
  expect(harbor.metadataOf.get("job-1")).toMatchObject({ thumbnail_url: "s3://show/sh010/.proxies/a_thumb.jpg" })
  expect(jobless()).toEqual([])
})

it("a failure is told to its job, and without one counted", async () => {
  await uploaded("damaged", { tags: { "ah-job-id": "job-1" } })
  expect(told().map(({ value }) => completions(["job-1"]).take(value))).toEqual(["failed"])
  await uploaded("damaged")
  expect(told().length).toBe(1)
  expect(jobless()).toEqual([{ kind: "no-job", bucket: "show", key: KEY, success: false }])
})

it("outputs carry SpaceHarbor's tags, ten at most, beside those of the contract", async () => {
  await uploaded("a", { tags: { "ah-asset-id": "asset-1", "ah-project-id": "p1", "ah-version-id": "v1" } })
  const tags = unwrap(await t.store.tags({ bucket: "show", key: "sh010/.proxies/a_proxy.mp4" }))
  expect(tags).toEqual({
    media_type: "proxy",
    generator: "oiio-proxy-generator",
    version: "3.0.0",
    "ah-project-id": "p1",
    "ah-asset-id": "asset-1",
    "ah-version-id": "v1",
    "ah-media-type": "video",
    "ah-pipeline-stage": "proxy-generated",
    "ah-ingest-timestamp": expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  })
})
