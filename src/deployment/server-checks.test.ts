import { describe, expect, it } from "vitest"
import { loadConfig } from "../config/index.ts"
import { PROBE } from "../store/s3/try-out.ts"
import { type Answer, type FakeS3, fakeServer, object, refusal, type S3Request } from "../store/testing/fake-s3.ts"
import { systemClock } from "../system/clock.ts"
import type { Check } from "./checks.ts"
import { checkServers } from "./server-checks.ts"

const AWAY = "127.0.0.1:9"

/** What `doctor` finds where nothing answers but an S3, and what it finds of the S3's bucket. */
async function doctor(server: FakeS3, buckets = "show"): Promise<readonly Check[]> {
  const env = {
    KAFKA_BROKER: AWAY,
    SCHEMA_REGISTRY_URL: `http://${AWAY}`,
    VAST_DB_ENDPOINT: `http://${AWAY}`,
    VAST_DB_BUCKET: "tables",
    S3_ENDPOINT: server.endpoint,
    S3_ACCESS_KEY: "key",
    S3_SECRET_KEY: "secret",
    S3_BUCKETS: buckets,
  }
  const loaded = loadConfig({ flags: {}, env, cwd: "/", defaultStateDir: "state" })
  if (!loaded.ok) throw new Error(loaded.failure.says)
  return checkServers({ config: loaded.value.config, clock: systemClock })
}

const verdictOf = (checks: readonly Check[], what: string): string => {
  const found = checks.find((check) => check.what === what)
  return found === undefined ? "not asked" : `${found.verdict}: ${found.says}`
}

const LISTED = "<ListBucketResult><Name>show</Name><KeyCount>0</KeyCount></ListBucketResult>"

type Lies = {
  /** Answer to the n-th conditional PUT. */
  readonly conditional?: (nth: number) => Answer
  readonly read?: Answer
  readonly put?: Answer
  readonly headers?: Readonly<Record<string, string>>
}

/** An S3 in order, but for what a test says. */
function answering(server: FakeS3, { conditional, read, put, headers = {} }: Lies): void {
  let conditionals = 0
  const inOrder = (nth: number): Answer => (nth === 1 ? { status: 200 } : refusal(412, "PreconditionFailed"))
  server.answer(({ method, path, query, headers: asked }: S3Request): Answer => {
    if (query.has("list-type"))
      return path === "/show" || path === "/show/"
        ? { status: 200, body: LISTED, headers }
        : refusal(404, "NoSuchBucket")
    if (method === "PUT" && asked["if-none-match"] === "*") {
      conditionals += 1
      return put ?? (conditional ?? inOrder)(conditionals)
    }
    if (method === "GET") return read ?? object(PROBE, headers)
    return { status: method === "DELETE" ? 204 : 200, headers }
  })
}

const puts = (server: FakeS3): readonly S3Request[] => server.asked.filter(({ method }) => method === "PUT")
const removed = (server: FakeS3): readonly string[] =>
  server.asked.filter(({ method }) => method === "DELETE").map(({ path }) => path)

describe("doctor on servers", () => {
  it("names each server that is away, by its setting, and checks the rest", async () => {
    const server = await fakeServer()
    answering(server, {})
    const checks = await doctor(server)
    expect(verdictOf(checks, "Kafka")).toMatch(/^missing: KAFKA_BROKER: .*127\.0\.0\.1:9/)
    expect(verdictOf(checks, "schema registry")).toMatch(/^missing: SCHEMA_REGISTRY_URL: .*127\.0\.0\.1:9/)
    expect(verdictOf(checks, "Trino")).toMatch(/^missing: .*127\.0\.0\.1:9.*VAST_DB_ENDPOINT/)
    expect(verdictOf(checks, "S3 bucket show")).toMatch(/^ok/)
    expect(verdictOf(checks, "S3 conditions of show")).toMatch(/^ok/)
    expect(verdictOf(checks, "clock of show")).toMatch(/^ok/)
  })

  it("writes below .proxies/ alone, and removes what it wrote", async () => {
    const server = await fakeServer()
    answering(server, {})
    await doctor(server)
    const paths = new Set(puts(server).map(({ path }) => path))
    expect([...paths]).toEqual([expect.stringMatching(/^\/show\/\.proxies\/\.doctor-/)])
    expect(removed(server)).toEqual([...paths])
  })

  it.each([
    ["answers 501 to a condition", () => refusal(501, "NotImplemented"), /If-None-Match on PUT is answered 501/],
    ["ignores a condition", () => ({ status: 200 }), /If-None-Match on PUT is ignored/],
  ] as const)("finds out that a store %s, and removes what it wrote", async (_, conditional, says) => {
    const server = await fakeServer()
    answering(server, { conditional })
    const checks = await doctor(server)
    expect(verdictOf(checks, "S3 conditions of show")).toMatch(/^missing: /)
    expect(verdictOf(checks, "S3 conditions of show")).toMatch(says)
    expect(removed(server)).toHaveLength(1)
  })

  it.each([
    [60, /^note: this machine is \d+ s behind the S3 store/],
    [-60, /^note: this machine is \d+ s ahead of the S3 store/],
    [3600, /^missing: this machine is \d+ s behind the S3 store/],
  ] as const)("tells that the store's clock is %d s ahead", async (seconds, says) => {
    const server = await fakeServer()
    answering(server, { headers: { date: new Date(Date.now() + seconds * 1000).toUTCString() } })
    expect(verdictOf(await doctor(server), "clock of show")).toMatch(says)
  })

  it("tells a bucket that may not be written, and one that gives back something else", async () => {
    const server = await fakeServer()
    answering(server, { put: refusal(403, "AccessDenied") })
    expect(verdictOf(await doctor(server), "S3 bucket show")).toMatch(
      /^missing: .*not accessible with these credentials/,
    )
    answering(server, { read: object("something else") })
    expect(verdictOf(await doctor(server), "S3 bucket show")).toMatch(/^missing: .*read otherwise than it was written/)
  })

  it("tells which bucket is missing, and tries the others", async () => {
    const server = await fakeServer()
    answering(server, {})
    const checks = await doctor(server, "show,other")
    expect(verdictOf(checks, "S3 bucket other")).toMatch(/^missing: .*other.*no such bucket/)
    expect(verdictOf(checks, "S3 bucket show")).toMatch(/^ok/)
  })
})
