import { afterAll, beforeAll, expect, it } from "vitest"
import { eventually } from "../machine/eventually.ts"
import { freshBucket } from "../services/fresh.ts"
import { sharedServices } from "../services/shared.ts"
import { type Deployment, deploy } from "./deployment.ts"
import { deleteFrame, keysIn, putFrame } from "./uploads.ts"

const KEPT = "shots/sh010/kept.0001.exr"
const GONE = "shots/ünï +/gone.0001.exr"

let deployment: Deployment
let out: string
beforeAll(async () => {
  const servers = await sharedServices("kafka", "registry", "s3", "trino")
  out = await freshBucket(servers.s3, "outputs")
  deployment = await deploy(servers, {
    of: "elsewhere",
    partitions: 1,
    env: { OIIO_OUTPUTS: `s3://${out}/show/proxies` },
  })
})
afterAll(() => deployment.s3.destroy())

const mirrored = (key: string, file: string): string => {
  const slash = key.lastIndexOf("/")
  const stem = key.slice(slash + 1, key.lastIndexOf("."))
  return `show/proxies/${deployment.bucket}/${key.slice(0, slash)}/.proxies/${stem}_${file}`
}

const outputsOf = (key: string): readonly string[] => ["proxy.mp4", "thumb.jpg"].map((file) => mirrored(key, file))

it("outputs of one bucket go to another, rows name them there, a listing finds them current, prune deletes them there", async () => {
  const { bucket, tables, sql } = deployment
  const keys = () => keysIn({ ...deployment, bucket: out })
  await deployment.starts("all")
  for (const key of [KEPT, GONE]) await putFrame(deployment, key, "window")
  await eventually("both frames are current", async () => (await deployment.currentKeys()).length === 2)
  await deployment.settles()
  expect([...(await keysIn(deployment))].toSorted()).toEqual([KEPT, GONE].toSorted())
  expect([...(await keys())].toSorted()).toEqual([KEPT, GONE].flatMap(outputsOf).toSorted())
  const rows = await sql(`SELECT s3_bucket, s3_key, thumbnail_s3_key FROM ${tables}.proxy_outputs ORDER BY s3_key`)
  const [, thumbnail] = outputsOf(KEPT)
  expect(rows[0]).toEqual([bucket, KEPT, `s3://${out}/${thumbnail}`])
  const [listed] = await deployment.asks<object>(`ingest ${bucket} --json`)
  expect(listed).toMatchObject({ found: 2, arrived: 0, current: 2 })
  await deleteFrame(deployment, GONE)
  await eventually("the deleted frame is gone", async () => (await deployment.currentKeys()).length === 1)
  await deployment.settles()
  await deployment.asks("prune --yes --json")
  expect([...(await keys())].toSorted()).toEqual([...outputsOf(KEPT)].toSorted())
}, 300_000)
