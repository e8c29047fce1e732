import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { CreateBucketCommand, HeadObjectCommand } from "@aws-sdk/client-s3"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { unwrap } from "../src/events/testing/results.ts"
import { isDerivedEtag, type ObjectStore } from "../src/store/index.ts"
import { DEFAULT_TIMEOUTS } from "../src/store/s3/timeouts.ts"
import { openS3Store } from "../src/store/s3.ts"
import { collected } from "../src/store/testing/store-fixture.ts"
import { type Driver, drive } from "./driver/index.ts"
import { s3Client, startS3 } from "./services/s3.ts"

type Server = Awaited<ReturnType<typeof startS3>>

let folder: string
let server: Server
let store: ObjectStore
let driver: Driver | null = null

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "no-etag-"))
  server = await startS3(folder, null)
  const client = s3Client(server.address)
  await client.send(new CreateBucketCommand({ Bucket: "show" }))
  client.destroy()
  const { endpoint, region } = server.address
  const connection = { endpoint, region, credentials: server.address, forcePathStyle: true, timeouts: DEFAULT_TIMEOUTS }
  store = unwrap(await openS3Store({ ...connection, buckets: ["show"] }))
})
afterEach(async () => {
  await driver?.close()
  driver = null
})
afterAll(async () => {
  await store.close()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

/** As over NFS: into the gateway's folder, beside the gateway. */
async function lays(key: string, text: string, atMs: number): Promise<void> {
  const file = join(folder, "data", "show", key)
  await mkdir(join(file, ".."), { recursive: true })
  // A new file, not an old one with the attributes that the gateway gave it.
  await rm(file, { force: true })
  await writeFile(file, text)
  await utimes(file, atMs / 1000, atMs / 1000)
}

const T0 = Date.UTC(2026, 3, 1)
const NO_ETAG = expect.stringContaining("states no ETag")

describe("no-etag: a file laid into the folder of a real versitygw", () => {
  it("is served without an ETag, and named alike by HEAD and by listing", async () => {
    await lays("a/frame.0001.exr", "a frame", T0 + 500)
    const client = s3Client(server.address)
    const raw = await client.send(new HeadObjectCommand({ Bucket: "show", Key: "a/frame.0001.exr" }))
    client.destroy()
    expect(raw.ETag).toBeUndefined()
    const head = unwrap(await store.head({ bucket: "show", key: "a/frame.0001.exr" }))
    expect(isDerivedEtag(head.etag)).toBe(true)
    const listed = (await collected(store.list("show", { prefix: "a/" }))).map(unwrap)
    expect(listed).toMatchObject([{ key: "a/frame.0001.exr", sourceVersion: head.sourceVersion, etag: head.etag }])
  })

  it("is rendered, with a warning, and rendered again when it is overwritten", async () => {
    const t = await drive({ store: () => store })
    driver = t
    const key = "b/frame.0001.exr"
    await lays(key, "a frame", T0)
    await t.arrives({ key })
    const [made] = await t.facts("proxy-made")
    expect(made).toMatchObject({ source: { etag: null, sizeBytes: 7 }, warnings: [NO_ETAG] })
    expect(t.observed).toContainEqual({ kind: "remark", bucket: "show", key, says: NO_ETAG })
    await t.passes(1000)
    await t.arrives({ key })
    expect((await t.facts("proxy-made"))[1]).toMatchObject({ reused: true })
    await lays(key, "a later frame", T0 + 60_000)
    await t.passes(1000)
    await t.arrives({ key })
    expect((await t.facts("proxy-made"))[2]).toMatchObject({ reused: false, source: { sizeBytes: 13 } })
    expect(await t.facts("element-failed")).toEqual([])
    expect(unwrap(await t.table.element("show", key))).toMatchObject({ state: "done" })
  })

  it("is replaced where it took an output's place", async () => {
    const t = await drive({ store: () => store })
    driver = t
    await lays("c/frame.0001.exr", "a frame", T0)
    await lays("c/.proxies/frame.0001_thumb.jpg", "somebody's own", T0)
    await t.arrives({ key: "c/frame.0001.exr" })
    expect(await t.facts("proxy-made")).toHaveLength(1)
    const thumbnail = unwrap(await store.head({ bucket: "show", key: "c/.proxies/frame.0001_thumb.jpg" }))
    expect(thumbnail).toMatchObject({ sizeBytes: "thumbnail of a frame".length })
  })
})
