import { randomBytes } from "node:crypto"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { makeRunFolder, type RunFolder } from "../../../test/services/folder.ts"
import { freshBucket } from "../../../test/services/fresh.ts"
import { type Services, startServices } from "../../../test/services/index.ts"
import { s3Client } from "../../../test/services/s3.ts"
import { unwrap } from "../../events/testing/results.ts"
import type { ObjectStore } from "../index.ts"
import { openS3Store, type S3StoreOptions } from "../s3.ts"
import { codeOf } from "../testing/store-fixture.ts"
import { DEFAULT_TIMEOUTS } from "./timeouts.ts"

const PUT = { contentType: "video/mp4", tags: { "ä b": "= / @" }, metadata: { note: "été 映画" } }

let services: Services<{ s3: true }>
let folder: RunFolder
let bucket: string

beforeAll(async () => {
  services = await startServices({ s3: true })
  folder = await makeRunFolder()
  bucket = await freshBucket(services.s3.address, "outage")
})
afterAll(async () => {
  await services.close()
  await folder.remove()
})

const optionsOf = (): S3StoreOptions => ({
  endpoint: services.s3.address.endpoint,
  region: services.s3.address.region,
  credentials: services.s3.address,
  forcePathStyle: true,
  timeouts: { connectMs: 2_000, idleMs: 2_000, startMs: 12_000, pace: DEFAULT_TIMEOUTS.pace },
  buckets: [bucket],
})

async function withStore(work: (store: ObjectStore) => Promise<void>): Promise<void> {
  const store = unwrap(await openS3Store(optionsOf()))
  await work(store)
  await store.close()
}

describe("S3 on a real server", () => {
  it("takes and gives large files whole, in parts, under a condition", async () => {
    const bytes = randomBytes(20 * 1024 * 1024 + 3)
    const [from, to] = [join(folder.path, "from"), join(folder.path, "to")]
    await writeFile(from, bytes)
    await withStore(async (store) => {
      const ref = { bucket, key: "large/é.mp4" }
      const put = unwrap(await store.put(ref, from, { ...PUT, ifAbsent: true }))
      expect(put).toMatchObject({ sizeBytes: bytes.length, contentType: "video/mp4", metadata: PUT.metadata })
      expect(unwrap(await store.tags(ref))).toEqual(PUT.tags)
      expect(codeOf(await store.put(ref, from, { ...PUT, ifAbsent: true }))).toBe("store/precondition-failed")
      expect(codeOf(await store.put(ref, from, { ...PUT, ifMatch: put.etag }))).toBe("ok")
      const fetched = { toFile: to, ifMatch: put.etag, maxBytes: 1e9, signal: new AbortController().signal }
      expect(unwrap(await store.fetch(ref, fetched)).sizeBytes).toBe(bytes.length)
    })
    const client = s3Client(services.s3.address)
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
    expect(Uploads).toEqual([])
    client.destroy()
  })

  it("says at the start which setting is wrong", async () => {
    const says = async (with_: Partial<S3StoreOptions>): Promise<string> => {
      const opened = await openS3Store({ ...optionsOf(), ...with_ })
      return opened.ok ? "it opened" : `${opened.failure.code}: ${opened.failure.says}`
    }
    const { accessKey, secretKey } = services.s3.address
    expect(await says({ credentials: { accessKey: "wrong", secretKey } })).toMatch(/^store\/denied: .*S3_ACCESS_KEY/)
    expect(await says({ credentials: { accessKey, secretKey: "wrong" } })).toMatch(/^store\/denied: .*S3_SECRET_KEY/)
    expect(await says({ buckets: ["no-such-bucket"] })).toMatch(/^store\/missing: .*"no-such-bucket".*does not exist/)
    expect(await says({ buckets: [] })).toBe("it opened")
  })

  it("calls a server that hangs or is gone an outage, and goes on when it is back", async () => {
    const { s3 } = services
    const file = join(folder.path, "small")
    await writeFile(file, "small")
    await withStore(async (store) => {
      const ref = { bucket, key: "a.exr" }
      const outage = { failure: { code: "store/unreachable", kind: "outage" } }
      await s3.kill("SIGSTOP")
      expect(await store.head(ref)).toMatchObject(outage)
      await s3.kill("SIGCONT")
      expect(codeOf(await store.put(ref, file, PUT))).toBe("ok")
      await s3.kill("SIGKILL")
      expect(await store.put(ref, file, PUT)).toMatchObject(outage)
      expect(await store.readRange(ref, { start: 0, end: 1 })).toMatchObject(outage)
      await s3.restart()
      expect(unwrap(await store.head(ref))).toMatchObject({ sizeBytes: 5, metadata: PUT.metadata })
    })
  })
})
