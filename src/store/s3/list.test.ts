import { describe, expect, it } from "vitest"
import { fakeStore, refusal, type S3Request } from "../testing/fake-s3.ts"
import { codeOf, collected, keysOf } from "../testing/store-fixture.ts"

const entry = (key: string): string =>
  `<Contents><Key>${key}</Key><ETag>"e"</ETag><Size>5</Size><LastModified>2026-04-01T00:00:00.789Z</LastModified></Contents>`

const version = (key: string, id: string, isLatest: boolean): string =>
  `<Version><Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>${isLatest}</IsLatest><ETag>"e"</ETag><Size>5</Size>` +
  "<LastModified>2026-04-01T00:00:00.789Z</LastModified></Version>"

const page = (name: string, entries: string, more = ""): { status: number; body: string } => ({
  status: 200,
  body: `<${name}><Name>show</Name>${entries}<EncodingType>url</EncodingType><IsTruncated>${more !== ""}</IsTruncated>${more}</${name}>`,
})

const isVersioning = ({ query }: S3Request): boolean => query.has("versioning")

const UNVERSIONED = { status: 200, body: "<VersioningConfiguration/>" }

describe("listing an S3 bucket", () => {
  it("goes from page to page and decodes keys that XML could not hold", async () => {
    const { server, store } = await fakeStore()
    server.answer((asked) => {
      if (isVersioning(asked)) return UNVERSIONED
      const more = "<NextContinuationToken>t1</NextContinuationToken>"
      return asked.query.get("continuation-token") === "t1"
        ? page("ListBucketResult", entry("b%2Bc"))
        : page("ListBucketResult", entry("a+b%01"), more)
    })
    const listed = await collected(store.list("show", { prefix: "p", startAfter: "s" }))
    expect(keysOf(listed)).toEqual(["a b\u0001", "b+c"])
    expect(listed[0]).toMatchObject({ value: { lastModifiedMs: 1775001600000, sourceVersion: "e-1775001600000-5" } })
    const asked = server.asked.at(-1)?.query
    expect([asked?.get("prefix"), asked?.get("start-after"), asked?.get("encoding-type")]).toEqual(["p", "s", "url"])
  })

  it("ends with the failure of a page", async () => {
    const { server, store } = await fakeStore()
    const more = "<NextContinuationToken>t1</NextContinuationToken>"
    server.answer((asked) => {
      if (isVersioning(asked)) return UNVERSIONED
      return asked.query.has("continuation-token")
        ? refusal(403, "AccessDenied")
        : page("ListBucketResult", entry("a"), more)
    })
    expect((await collected(store.list("show"))).map(codeOf)).toEqual(["ok", "store/denied"])
  })

  it("calls versions by their ids, as head does, and lists only those that are current", async () => {
    const { server, store } = await fakeStore()
    server.answer((asked) => {
      if (isVersioning(asked))
        return { status: 200, body: "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>" }
      if (asked.query.get("key-marker") === "b c")
        return page("ListVersionsResult", version("b+c", "v1", false) + version("d", "null", true))
      const more = "<NextKeyMarker>b+c</NextKeyMarker><NextVersionIdMarker>v2</NextVersionIdMarker>"
      return page("ListVersionsResult", version("a", "v3", true) + version("b+c", "v2", true), more)
    })
    const listed = await collected(store.list("show"))
    expect(keysOf(listed)).toEqual(["a", "b c", "d"])
    const names = listed.map((one) => (one.ok ? one.value.sourceVersion : one.failure.code))
    expect(names).toEqual(["v3", "v2", "e-1775001600000-5"])
    expect(server.asked.at(-1)?.query.get("version-id-marker")).toBe("v2")
  })

  it("lists objects where it may not ask for versions", async () => {
    const { server, store } = await fakeStore()
    server.answer((asked) =>
      isVersioning(asked) ? refusal(403, "AccessDenied") : page("ListBucketResult", entry("a")),
    )
    expect(keysOf(await collected(store.list("show")))).toEqual(["a"])
  })

  it("finds nothing under a prefix that no key can have", async () => {
    const { store } = await fakeStore()
    expect(await collected(store.list("show", { prefix: "\ud800" }))).toEqual([])
  })

  it("does not ask for a bucket that no name can stand for", async () => {
    const { store } = await fakeStore()
    for (const bucket of ["", "arn:aws:s3:::show", "a/b", ".."])
      expect((await collected(store.list(bucket))).map(codeOf)).toEqual(["store/missing"])
  })
})
