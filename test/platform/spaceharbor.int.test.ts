import { readFileSync } from "node:fs"
import { CopyObjectCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3"
import { getSignedUrl } from "@aws-sdk/s3-request-presigner"
import { afterAll, beforeAll, expect, it } from "vitest"
import { eventually } from "../machine/eventually.ts"
import { samplePath } from "../machine/frames.ts"
import type { Addresses } from "../services/index.ts"
import { sharedServices } from "../services/shared.ts"
import {
  type Bucket,
  completions,
  mediaUrls,
  metadataPanel,
  pipelineStatus,
  poll,
  processingStatus,
} from "../spaceharbor/harbor.ts"
import { type Deployment, deploy } from "./deployment.ts"
import { rawValues } from "./raw-values.ts"
import { keysIn } from "./uploads.ts"

const WITH_JOB = "shots/sh010/beauty.0001.exr"
const WITHOUT = "shots/sh010/plate.0001.exr"

let servers: Addresses
let deployment: Deployment
beforeAll(async () => {
  servers = await sharedServices("kafka", "registry", "s3", "trino")
  deployment = await deploy(servers, { of: "harbor", partitions: 1, env: { OIIO_SPACEHARBOR: "true" } })
})
afterAll(() => deployment.s3.destroy())

const bucketOf = ({ s3, bucket }: Deployment): Bucket => ({
  name: bucket,
  has: async (key) => (await keysIn({ s3, bucket })).includes(key),
  read: async (Key) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }))
    return Body?.transformToByteArray() ?? new Uint8Array()
  },
  presign: (Key) => getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key }), { expiresIn: 3600 }),
})

/** An upload by any client: its tags alone say which job waits for it. */
const uploads = ({ s3, bucket }: Deployment, key: string, tagging: string) =>
  s3.send(
    new PutObjectCommand({
      ...{ Bucket: bucket, Key: key, Tagging: tagging },
      Body: Buffer.concat([readFileSync(samplePath("window")), Buffer.from(key)]),
    }),
  )

async function completed(harbor: ReturnType<typeof completions>): Promise<readonly string[]> {
  const { KAFKA_COMPLETION_TOPIC = "" } = deployment.env
  const values = await rawValues(servers.kafka.broker, KAFKA_COMPLETION_TOPIC)
  return values.map((value) => harbor.take(JSON.parse(value?.toString() ?? "null")))
}

it("lights up SpaceHarbor on real servers: media, status, metadata and jobs; Regenerate renders anew", async () => {
  const { s3, bucket: name } = deployment
  const bucket = bucketOf(deployment)
  await deployment.starts("all")
  await uploads(deployment, WITH_JOB, "ah-job-id=job-1&ah-asset-id=asset-1")
  await uploads(deployment, WITHOUT, "")
  await eventually("both frames have rows", async () => (await deployment.rowCount()) === 2)
  await deployment.settles()

  const { source: _, ...media } = await mediaUrls(bucket, WITH_JOB)
  for (const address of Object.values(media)) expect((await fetch(address ?? "")).status).toBe(200)
  expect(await processingStatus(bucket, WITHOUT)).toMatchObject({
    ...{ thumb_ready: true, preview_ready: true, proxy_ready: true, metadata_ready: true },
  })
  expect(await metadataPanel(bucket, WITH_JOB)).toMatchObject({ status: 200, pills: 3 })
  expect(await poll(bucket, WITHOUT)).toMatchObject({
    proxy_url: expect.any(String),
    thumbnail_url: expect.any(String),
  })

  const harbor = completions(["job-1"])
  expect(await completed(harbor)).toEqual(["completed"])
  expect(pipelineStatus(harbor.metadataOf.get("job-1"))).toEqual({
    completed: true,
    hasThumbnail: true,
    hasProxy: true,
  })
  expect(harbor.metadataOf.get("job-1")).toMatchObject({ asset_id: "asset-1" })

  const thumbnail = { Bucket: name, Key: "shots/sh010/.proxies/plate.0001_thumb.jpg" }
  const elementOf = async () => (await s3.send(new HeadObjectCommand(thumbnail))).Metadata?.["element-id"]
  const before = await elementOf()
  const CopySource = `${name}/${WITHOUT}`
  await s3.send(new CopyObjectCommand({ Bucket: name, Key: WITHOUT, CopySource, MetadataDirective: "REPLACE" }))
  await eventually("its outputs are new", async () => (await elementOf()) !== before)
  await deployment.settles()
  const made = (await deployment.facts("proxy-made")).filter(({ element }) => element.key === WITHOUT)
  expect(made.map(({ reused }) => reused)).toEqual([false, false])
  expect(await completed(completions(["job-1"]))).toEqual(["completed"])
}, 300_000)
