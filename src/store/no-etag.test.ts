import { describe, expect, it } from "vitest"
import { unwrap } from "../events/testing/results.ts"
import { openGate } from "../network/testing/tcp-gate.ts"
import { objectStoreContract } from "./contract.ts"
import { isDerivedEtag, type ObjectStore } from "./index.ts"
import { openS3Store } from "./s3.ts"
import { openEtaglessS3 } from "./testing/etagless-s3.ts"
import { fakeStore, OPTIONS, object, REF } from "./testing/fake-s3.ts"
import { codeOf } from "./testing/store-fixture.ts"

objectStoreContract(
  "S3 whose objects have no ETags",
  async () => {
    const server = await openEtaglessS3()
    const gate = await openGate({ host: "127.0.0.1", port: Number(new URL(server.endpoint).port) })
    const endpoint = `http://127.0.0.1:${gate.port}`
    const { bucket } = server
    const openStore = async (): Promise<ObjectStore> =>
      unwrap(await openS3Store({ ...OPTIONS, endpoint, buckets: [bucket] }))
    return {
      store: await openStore(),
      bucket,
      erase: async (key) => server.erase(key),
      reopen: openStore,
      breakDown: gate.breakDown,
      release: async () => {
        await gate.close()
        await server.close()
      },
    }
  },
  {
    badKeys: ["", "../up.exr", "nul\0byte.exr", "lone \ud800 surrogate"],
    heldKeys: ["a//b.exr", "back\\slash.exr", "CON"],
    etagOfSameBytes: "new",
    winners: "each that looked in time",
    keeps: "for later runs",
    checkWritable: "remembers",
    signs: "nobody checks",
  },
)

const TIMES = ["Wed, 01 Apr 2026 00:00:00 GMT", "Wed, 01 Apr 2026 00:00:01 GMT"] as const

const without = (body: string, lastModified: string) => {
  const { etag: _, ...headers } = object(body).headers ?? {}
  return { status: 200, body, headers: { ...headers, "last-modified": lastModified } }
}

describe("no-etag: an object without an ETag", () => {
  it("has LastModified and size for a version, the same by HEAD and by listing", async () => {
    const { server, store } = await fakeStore()
    server.answer(() => without("12345", TIMES[0]))
    const head = unwrap(await store.head(REF))
    expect(isDerivedEtag(head.etag)).toBe(true)
    expect(head).toMatchObject({ sourceVersion: "unstated-1775001600000-5", sizeBytes: 5 })
    server.answer(() => ({
      ...without("12345", TIMES[0]),
      headers: { ...without("12345", TIMES[0]).headers, etag: '""' },
    }))
    expect(unwrap(await store.head(REF)).sourceVersion).toBe(head.sourceVersion)
    server.answer(({ query }) => ({
      status: 200,
      body: query.has("list-type")
        ? "<ListBucketResult><Contents><Key>a.exr</Key><LastModified>2026-04-01T00:00:00.731Z</LastModified><Size>5</Size></Contents></ListBucketResult>"
        : "<VersioningConfiguration/>",
    }))
    for await (const listed of store.list(REF.bucket)) expect(unwrap(listed).sourceVersion).toBe(head.sourceVersion)
  })

  it("is fetched and read without If-Match, and looked at again afterwards", async () => {
    const { server, store, fetch } = await fakeStore()
    server.answer(() => without("12345", TIMES[0]))
    const { etag } = unwrap(await store.head(REF))
    const before = server.asked.length
    expect((await fetch({ ifMatch: etag })).bytes).toBe("12345")
    expect(codeOf(await store.readRange(REF, { start: 0, end: 5, ifMatch: etag }))).toBe("ok")
    const asked = server.asked.slice(before)
    expect(asked.map(({ method }) => method)).toEqual(["GET", "HEAD", "GET", "HEAD"])
    expect(asked.some(({ headers }) => headers["if-match"] !== undefined)).toBe(false)
    expect(asked[0]?.headers["if-unmodified-since"]).toBe(TIMES[1])
  })

  it.each([
    ["is replaced before it is read", 1],
    ["is replaced while it is read", 2],
  ])("is another version when it %s, in bytes, size or time", async (_, turnOfChange) => {
    for (const after of [without("12345", TIMES[1]), without("123456", TIMES[0])]) {
      const { server, store, fetch } = await fakeStore()
      server.answer(() => without("12345", TIMES[0]))
      const { etag } = unwrap(await store.head(REF))
      for (const read of [
        async () => (await fetch({ ifMatch: etag })).result,
        () => store.readRange(REF, { start: 0, end: 5, ifMatch: etag }),
      ]) {
        let turn = 0
        server.answer(() => (++turn >= turnOfChange ? after : without("12345", TIMES[0])))
        expect(codeOf(await read())).toBe("store/precondition-failed")
      }
    }
  })
})
