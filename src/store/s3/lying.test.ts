import { describe, expect, it } from "vitest"
import { encodeFact } from "../../events/codec.ts"
import { unwrap } from "../../events/testing/results.ts"
import { decide } from "../../ingest/listing/listing.ts"
import { fakeStore, REF } from "../testing/fake-store.ts"

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
