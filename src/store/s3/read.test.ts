import { describe, expect, it } from "vitest"
import { encodeFact } from "../../events/codec.ts"
import type { Result } from "../../events/result.ts"
import { unwrap } from "../../events/testing/results.ts"
import { decide } from "../../ingest/listing/listing.ts"
import { fakeStore, OPTIONS, object, REF } from "../testing/fake-s3.ts"

/** Far from the test's patience, and far from a hiccup of a busy machine. */
const PACE = { leastBytesPerSecond: 1_000, windowMs: 400 }

/** The time-out of silence is left out of the way: it would end a stall first, and never ends a drip. */
const TIMEOUTS = { ...OPTIONS.timeouts, idleMs: 60_000, pace: PACE }

const KINDS = [
  ["stalls for ever", "for ever"],
  ["drips", { byteEveryMs: 20 }],
] as const

const CHECKSUM = { "x-amz-checksum-crc32": "AAAAAA==", "x-amz-checksum-type": "FULL_OBJECT" }

const failureOf = (result: Result<unknown>) => (result.ok ? null : result.failure)

describe.each(KINDS)("a body that %s after its first bytes", (_, stalls) => {
  const stalled = { ...object("12345", { "content-length": "100000" }), stalls }

  /** A store whose server answers every GET so; connections that were opened and are closed again. */
  const given = async (headers = {}) => {
    const { server, ...rest } = await fakeStore({ timeouts: TIMEOUTS })
    server.answer(({ method }) =>
      method === "GET" ? { ...stalled, headers: { ...stalled.headers, ...headers } } : { status: 200 },
    )
    return { server, ...rest }
  }

  it("is given up by a fetch, with a reason, and leaves no file and no connection", async () => {
    const { server, fetch } = await given()
    const { result, bytes } = await fetch({ maxBytes: 1_000_000 })
    expect(failureOf(result)).toMatchObject({ code: "store/failed", kind: "transient" })
    expect(failureOf(result)?.says).toContain("OIIO_LEAST_THROUGHPUT")
    expect(bytes).toBeNull()
    await expect.poll(() => server.busy(), { timeout: 30_000 }).toBe(0)
  })

  it("is given up where the SDK wraps it to compare its checksum, and its connection too", async () => {
    const { server, fetch } = await given(CHECKSUM)
    const { result } = await fetch({ maxBytes: 1_000_000 })
    expect(failureOf(result)).toMatchObject({ code: "store/failed", kind: "transient" })
    await expect.poll(() => server.busy(), { timeout: 30_000 }).toBe(0)
  })

  it("is given up by a ranged read", async () => {
    const { store } = await given()
    const result = await store.readRange(REF, { start: 0, end: 65_536 })
    expect(failureOf(result)).toMatchObject({ code: "store/failed", kind: "transient" })
  })

  it("is an outage where the server answers nothing else either", async () => {
    const { server, fetch } = await fakeStore({ timeouts: { ...TIMEOUTS, idleMs: 600 } })
    server.answer(({ method }) => (method === "GET" ? stalled : {}))
    const { result } = await fetch({ maxBytes: 1_000_000 })
    expect(failureOf(result)).toMatchObject({ code: "store/unreachable", kind: "outage" })
  })
})

it("a slow body that keeps to the least throughput is taken whole", async () => {
  const { server, fetch } = await fakeStore({
    timeouts: { ...TIMEOUTS, pace: { leastBytesPerSecond: 1, windowMs: 400 } },
  })
  server.answer(() => ({ ...object("12345", { "content-length": "50" }), stalls: { byteEveryMs: 20 } }))
  expect((await fetch()).bytes).toBe(`12345${".".repeat(45)}`)
})

const FINE = { etag: '"e"', "last-modified": "Wed, 01 Apr 2026 00:00:00 GMT", "content-length": "5" }

const listed = (size: string, time: string): string =>
  `<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a.exr</Key>` +
  `<LastModified>${time}</LastModified><ETag>"e"</ETag><Size>${size}</Size></Contents></ListBucketResult>`

describe("a server that tells absurd numbers", () => {
  it.each([
    { "last-modified": "garbage" },
    { "last-modified": "Fri, 31 Dec 9999 23:59:59 GMT" },
    { "content-length": "abc" },
    { "content-length": "9007199254740993" },
    { "content-length": "18446744073709551615" },
  ])("%j in a HEAD: an answer or a failure, never a throw", async (lie) => {
    const { store, server } = await fakeStore()
    server.answer(() => ({ status: 200, headers: { ...FINE, ...lie } }))
    expect(await store.head(REF)).toMatchObject({ ok: expect.any(Boolean) })
  })

  it.each(["9007199254740991", "18446744073709551615", "-5", "0.5", "abc", ""])(
    "a size of %s in a listing is left out of the arrival, since HEAD decides anyway",
    async (size) => {
      const { store, server } = await fakeStore()
      server.answer(() => ({ status: 200, body: listed(size, "2026-04-01T00:00:00.000Z") }))
      for await (const entry of store.list("show")) {
        const decision = decide(
          unwrap(entry),
          { row: null, wantedRenderKey: "k", outputsPresent: false, isLost: false },
          0,
        )
        if (decision.kind !== "arrived") throw new Error(decision.kind)
        expect(encodeFact(decision.created, 1)).toMatchObject({ ok: true })
      }
    },
  )
})
