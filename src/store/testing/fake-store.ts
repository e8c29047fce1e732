import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import type { Result } from "../../events/result.ts"
import type { FetchOptions, ObjectHead, ObjectStore } from "../index.ts"
import { openS3Store, type S3StoreOptions } from "../s3.ts"
import { type FakeS3, openFakeS3 } from "./fake-s3.ts"

export const REF = { bucket: "show", key: "a.exr" }

export const OPTIONS: S3StoreOptions = {
  endpoint: null,
  region: "us-east-1",
  credentials: { accessKey: "PLANTED-ACCESS-KEY", secretKey: "PLANTED-SECRET" },
  forcePathStyle: true,
  timeouts: { connectMs: 1_000, idleMs: 500, startMs: 2_000, pace: { leastBytesPerSecond: 0, windowMs: 1 } },
  buckets: [REF.bucket],
}

const LISTED = `<ListBucketResult><Name>show</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>`

export const fakeServer = async (): Promise<FakeS3> => {
  const server = await openFakeS3()
  onTestFinished(() => server.close())
  return server
}

type FakeStore = {
  readonly server: FakeS3
  readonly store: ObjectStore
  /** Fetches the object; `bytes` is null where no file is left. */
  fetch(
    options?: Partial<FetchOptions>,
  ): Promise<{ readonly result: Result<ObjectHead>; readonly bytes: string | null }>
}

/** A store over a fake server, opened without complaint; gone after the test. */
export async function fakeStore(with_: Partial<S3StoreOptions> = {}): Promise<FakeStore> {
  const server = await fakeServer()
  server.answer(() => ({ status: 200, body: LISTED }))
  const opened = await openS3Store({ ...OPTIONS, endpoint: server.endpoint, ...with_ })
  if (!opened.ok) throw new Error(opened.failure.says)
  const folder = await mkdtemp(join(tmpdir(), "s3-"))
  onTestFinished(async () => {
    await opened.value.close()
    await rm(folder, { recursive: true })
  })
  return {
    server,
    store: opened.value,
    fetch: async (options = {}) => {
      const signal = new AbortController().signal
      const toFile = join(folder, "a")
      const result = await opened.value.fetch(REF, { ifMatch: "e1", maxBytes: 100, signal, toFile, ...options })
      return { result, bytes: (await readdir(folder)).length === 0 ? null : await readFile(toFile, "utf8") }
    },
  }
}
