import { describe, expect, it, onTestFinished, vi } from "vitest"
import type { Failure } from "../events/result.ts"
import { failureOf } from "../events/testing/results.ts"
import { openS3Store, type S3StoreOptions } from "./s3.ts"
import { fakeServer, fakeStore, OPTIONS, object, REF, refusal } from "./testing/fake-s3.ts"
import { codeOf } from "./testing/store-fixture.ts"

describe("an S3 store at the start", () => {
  const refusedBy = async (with_: Partial<S3StoreOptions>): Promise<Failure> =>
    failureOf(await openS3Store({ ...OPTIONS, ...with_ }))

  it("names the endpoint where nothing listens, no host is, or nobody answers", async () => {
    const silent = await fakeServer()
    silent.answer(() => ({}))
    for (const endpoint of ["http://127.0.0.1:1", "http://no-such-host.invalid", silent.endpoint]) {
      const { code, kind, says } = await refusedBy({ endpoint })
      expect([code, kind]).toEqual(["store/unreachable", "outage"])
      expect(says).toContain("S3_ENDPOINT")
    }
  })

  it("names the endpoint where something else than an S3 listens", async () => {
    const server = await fakeServer()
    for (const answer of [
      { status: 200, body: "<html><br></html>" },
      { status: 404, body: "<html><hr>" },
      { status: 200 },
    ]) {
      server.answer(() => answer)
      expect(await refusedBy({ endpoint: server.endpoint })).toMatchObject({ code: "config/invalid" })
    }
    expect(await refusedBy({ endpoint: "s3.example.com" })).toMatchObject({ code: "config/invalid" })
  })

  it.each([
    [403, "InvalidAccessKeyId", "store/denied", "S3_ACCESS_KEY"],
    [403, "SignatureDoesNotMatch", "store/denied", "S3_SECRET_KEY"],
    [404, "XAdminUserNotFound", "store/denied", "S3_ACCESS_KEY"],
    [400, "AuthorizationHeaderMalformed", "store/denied", "AWS_REGION"],
    [403, "AccessDenied", "store/denied", "policies"],
    [404, "NoSuchBucket", "store/missing", '"show"'],
  ])("names what is wrong, and no credential: %d %s", async (status, name, code, named) => {
    const server = await fakeServer()
    server.answer(() => refusal(status, name))
    const failure = await refusedBy({ endpoint: server.endpoint })
    expect(failure.code).toBe(code)
    expect(failure.says).toContain(named)
    expect(failure.says).not.toContain("PLANTED")
  })

  it("checks the credentials also where no bucket is named, and lets them list nothing", async () => {
    const server = await fakeServer()
    const buckets: string[] = []
    server.answer(() => refusal(403, "AccessDenied"))
    expect(codeOf(await openS3Store({ ...OPTIONS, endpoint: server.endpoint, buckets }))).toBe("ok")
    server.answer(() => refusal(403, "InvalidAccessKeyId"))
    expect(await refusedBy({ endpoint: server.endpoint, buckets })).toMatchObject({ code: "store/denied" })
  })
})

describe("an S3 store's credentials and region", () => {
  const signedBy = async (with_: Partial<S3StoreOptions>): Promise<string> => {
    const { server } = await fakeStore(with_)
    return String(server.asked[0]?.headers.authorization)
  }

  const inEnvironment = (variables: Readonly<Record<string, string>>): void => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
    onTestFinished(() => void vi.unstubAllEnvs())
  }

  it("are those given, before all others", async () => {
    inEnvironment({ AWS_ACCESS_KEY_ID: "AMBIENT", AWS_SECRET_ACCESS_KEY: "s", AWS_REGION: "eu-west-1" })
    expect(await signedBy({})).toMatch(/Credential=PLANTED-ACCESS-KEY\/\d+\/us-east-1\//)
  })

  it("are otherwise found where every AWS tool finds them", async () => {
    inEnvironment({ AWS_ACCESS_KEY_ID: "AMBIENT", AWS_SECRET_ACCESS_KEY: "s", AWS_REGION: "eu-west-1" })
    expect(await signedBy({ credentials: null, region: null })).toMatch(/Credential=AMBIENT\/\d+\/eu-west-1\//)
  })

  it("fall back to us-east-1 where nobody names a region", async () => {
    inEnvironment({ AWS_REGION: "", AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" })
    expect(await signedBy({ region: null })).toMatch(/\/us-east-1\//)
  })
})

describe("an S3 store, whatever the server answers,", () => {
  it.each([
    [404, "NoSuchKey", "store/missing", "permanent"],
    [404, "NoSuchBucket", "store/missing", "permanent"],
    [403, "AccessDenied", "store/denied", "permanent"],
    [403, "InvalidAccessKeyId", "store/denied", "outage"],
    [400, "ExpiredToken", "store/denied", "outage"],
    [412, "PreconditionFailed", "store/precondition-failed", "transient"],
    [416, "InvalidRange", "store/range-not-satisfiable", "permanent"],
    [400, "KeyTooLongError", "store/bad-key", "permanent"],
    [400, "SomethingNew", "store/failed", "transient"],
    [503, "SlowDown", "store/unreachable", "outage"],
    [429, "TooManyRequests", "store/unreachable", "outage"],
    [507, "XMinioStorageFull", "store/full", "outage"],
    [400, "InvalidTag", "store/failed", "permanent"],
    [501, "NotImplemented", "store/failed", "permanent"],
  ])("tells %d %s apart, and repeats none of its words", async (status, name, code, kind) => {
    const { server, store } = await fakeStore()
    server.answer(() => refusal(status, name))
    const failure = failureOf(await store.readRange(REF, { start: 0, end: 1 }))
    expect(failure).toMatchObject({ code, kind })
    expect(failure.says).toContain(`${status} ${name}`)
    expect(failure.says).not.toContain("PLANTED")
  })

  it("blames the object for a 500 while the bucket answers, else the server", async () => {
    const { server, store } = await fakeStore()
    server.answer(({ path }) => (path.includes("a.exr") ? refusal(500, "InternalError") : { status: 200 }))
    expect(failureOf(await store.tags(REF))).toMatchObject({ code: "store/failed", kind: "transient" })
    server.answer(() => refusal(500, "InternalError"))
    expect(failureOf(await store.tags(REF))).toMatchObject({ code: "store/unreachable", kind: "outage" })
  })

  it("calls a server that has fallen silent or gone an outage", async () => {
    const { server, store } = await fakeStore()
    server.answer(() => ({}))
    expect(failureOf(await store.tags(REF))).toMatchObject({ code: "store/unreachable", kind: "outage" })
    await server.close()
    expect(failureOf(await store.head(REF))).toMatchObject({ code: "store/unreachable", kind: "outage" })
  })

  it("does not take a stranger's 404 for a missing object", async () => {
    const { server, store } = await fakeStore()
    server.answer(({ method }) => ({ status: 404, body: method === "HEAD" ? "" : "<html><hr></html>" }))
    expect(failureOf(await store.head(REF))).toMatchObject({ code: "store/failed", kind: "transient" })
  })

  it("asks why HEAD says 404, once in a while", async () => {
    const { server, store } = await fakeStore()
    server.answer(() => refusal(404, "XAdminUserNotFound"))
    expect(failureOf(await store.head(REF))).toMatchObject({ code: "store/denied", kind: "outage" })
    server.answer(() => refusal(404, "NoSuchKey"))
    const before = server.asked.length
    for (let turn = 0; turn < 3; turn++) expect(codeOf(await store.head(REF))).toBe("store/missing")
    const asked = server.asked.slice(before).map(({ method }) => method)
    expect(asked).toEqual(["HEAD", "GET", "HEAD", "HEAD"])
  })

  it("believes only an answer that describes an object", async () => {
    const { server, store } = await fakeStore()
    server.answer(() => ({ status: 200 }))
    expect(codeOf(await store.head(REF))).toBe("store/failed")
    server.answer(() => object("12345", { "x-amz-version-id": "v7", "x-amz-meta-note": "=?UTF-8?Q?=C3=A4?=" }))
    expect(await store.head(REF)).toMatchObject({
      value: { versionId: "v7", sourceVersion: "v7", metadata: { note: "ä" } },
    })
    server.answer(() => object("12345", { "x-amz-version-id": "null" }))
    expect(await store.head(REF)).toMatchObject({ value: { versionId: null, sourceVersion: "e1-1775001600000-5" } })
  })
})
