import { CopyObjectCommand, GetObjectCommand } from "@aws-sdk/client-s3"
import { afterAll, beforeAll, expect, it } from "vitest"
import type { RecordByTopic } from "../../src/events/fact.ts"
import { eventually } from "../machine/eventually.ts"
import { sharedServices } from "../services/shared.ts"
import { type Deployment, deploy } from "./deployment.ts"
import { deleteFrame, keysIn, outputKey, putFrame } from "./uploads.ts"

const NAMES = ["beauty.0001.exr", "beauty.0002.exr", "beauty.0003.exr"]
const ORIGINAL = "shots/sh010/"
const COPY = "shots/sh020/"
const MOVED = "shots/sh030/"

const below = (prefix: string): readonly string[] => NAMES.map((name) => `${prefix}${name}`)

let deployment: Deployment

beforeAll(async () => {
  const servers = await sharedServices("kafka", "registry", "s3", "trino")
  deployment = await deploy(servers, { of: "moved", partitions: 4 })
})
afterAll(() => deployment.s3.destroy())

/** As `aws s3 cp` does it: on the server, metadata and all. */
async function copy(from: string, to: string): Promise<void> {
  const { s3, bucket } = deployment
  await s3.send(new CopyObjectCommand({ Bucket: bucket, Key: to, CopySource: `${bucket}/${from}` }))
}

async function bytesOf(key: string): Promise<string> {
  const { Body } = await deployment.s3.send(new GetObjectCommand({ Bucket: deployment.bucket, Key: key }))
  return (await Body?.transformToString("base64")) ?? ""
}

type Made = RecordByTopic["proxy-made"]

const made = async (prefix: string): Promise<readonly Made[]> =>
  (await deployment.facts("proxy-made")).filter(({ element }) => element.key.startsWith(prefix))

const shows = (...prefixes: readonly string[]): Promise<void> =>
  eventually(
    `the current rows are those below ${prefixes.join(", ")}`,
    async () => JSON.stringify(await deployment.currentKeys()) === JSON.stringify(prefixes.flatMap(below)),
  )

/** What facts, rows and outputs say of frames that were copied, not rendered. */
async function expectReused(prefix: string, originals: readonly Made[]): Promise<void> {
  const rows = await deployment.rows()
  for (const original of originals) {
    const key = original.element.key.replace(ORIGINAL, prefix)
    const facts = (await made(prefix)).filter(({ element }) => element.key === key)
    const { contentHash, pictureKey } = original
    expect(facts[0]).toMatchObject({ reused: true, contentHash, pictureKey, proxy: { key: outputKey(key, "proxy") } })
    expect(facts.map(({ reused }) => reused)).not.toContain(false)
    const [row, ...more] = rows.filter(({ s3_key }) => s3_key === key)
    expect(more).toEqual([])
    expect(row).toMatchObject({
      file_id: facts[0]?.source.fileId,
      source_size_bytes: original.source.sizeBytes,
      thumbnail_s3_key: outputKey(key, "thumb"),
      thumbnail_size_bytes: original.thumbnail.sizeBytes,
      proxy_size_bytes: original.proxy.sizeBytes,
    })
  }
}

it("a copied and a moved prefix are not rendered again, not even by a worker that began later; force renders", async () => {
  await Promise.all(["projector", "ingest --serve"].map((role) => deployment.starts(role)))
  const first = await deployment.starts("worker")
  for (const key of below(ORIGINAL)) await putFrame(deployment, key, "window")
  await shows(ORIGINAL)
  await deployment.settles()
  expect(await first.stops()).toMatchObject({ code: 0 })
  const originals = await made(ORIGINAL)
  expect(originals.map(({ reused }) => reused)).toEqual([false, false, false])
  expect(new Set(originals.map(({ pictureKey }) => pictureKey)).size).toBe(NAMES.length)
  const pictures = await Promise.all(below(ORIGINAL).map((key) => bytesOf(outputKey(key, "thumb"))))

  // Sources alone: their outputs are under names that only the log tells a new worker.
  await deployment.starts("worker")
  for (const name of NAMES) await copy(`${ORIGINAL}${name}`, `${COPY}${name}`)
  await shows(ORIGINAL, COPY)
  await expectReused(COPY, originals)
  expect(await Promise.all(below(COPY).map((key) => bytesOf(outputKey(key, "thumb"))))).toEqual(pictures)

  // Everything below the prefix, outputs and all, and then it is deleted.
  const moved = (await keysIn(deployment)).filter((key) => key.startsWith(ORIGINAL))
  expect(moved).toHaveLength(3 * NAMES.length)
  for (const key of moved.toSorted()) await copy(key, key.replace(ORIGINAL, MOVED))
  for (const key of moved) await deleteFrame(deployment, key)
  await shows(COPY, MOVED)
  await deployment.settles()
  await expectReused(MOVED, originals)
  expect(await Promise.all(below(MOVED).map((key) => bytesOf(outputKey(key, "thumb"))))).toEqual(pictures)

  await deployment.asks(`reprocess --prefix ${COPY}`)
  await eventually(
    "all that was asked for is rendered again",
    async () => (await made(COPY)).filter(({ reused }) => !reused).length === NAMES.length,
  )
  expect(await deployment.failedElements()).toEqual([])
}, 600_000)
