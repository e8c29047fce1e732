import { createHash, randomBytes } from "node:crypto"
import { expect, it } from "vitest"
import { unwrap } from "../../events/testing/results.ts"
import { codeOf, ODD_KEYS, type StoreFixture, text } from "./store-fixture.ts"

export function headContract(fixture: () => StoreFixture): void {
  it("tells size, type, metadata and version of what was put", async () => {
    const { store, ref, put } = fixture()
    const options = {
      contentType: "video/mp4",
      metadata: { "render-key": "k", note: "a=b; c" },
      tags: { proxy: "true" },
    }
    const given = unwrap(await put("shots/a.mp4", "12345", options))
    const head = unwrap(await store.head(ref("shots/a.mp4")))
    expect(head).toMatchObject({
      ...ref("shots/a.mp4"),
      sizeBytes: 5,
      contentType: "video/mp4",
      metadata: options.metadata,
    })
    expect([head.etag, head.sourceVersion]).toEqual([given.etag, given.sourceVersion])
    expect(Math.abs(head.lastModifiedMs - given.lastModifiedMs)).toBeLessThanOrEqual(1000)
    expect(unwrap(await store.tags(ref("shots/a.mp4")))).toEqual({ proxy: "true" })
    expect(head.tags ?? { proxy: "true" }).toEqual({ proxy: "true" })
  })

  it("says that an object is missing, in a folder that exists and in one that does not", async () => {
    const { store, ref, put, fetch } = fixture()
    await put("shots/a.exr", "a")
    for (const key of ["shots/b.exr", "elsewhere/a.exr", "shots/a.exr/below", "shots"]) {
      expect([key, codeOf(await store.head(ref(key)))]).toEqual([key, "store/missing"])
      expect([key, codeOf(await store.tags(ref(key)))]).toEqual([key, "store/missing"])
      expect([key, codeOf(await store.readRange(ref(key), { start: 0, end: 1 }))]).toEqual([key, "store/missing"])
      expect(await fetch(key, { ifMatch: "x" })).toMatchObject({
        result: { failure: { code: "store/missing" } },
        bytes: null,
      })
    }
  })

  it("says that a bucket is missing", async () => {
    const { store } = fixture()
    expect(codeOf(await store.head({ bucket: "no-such-bucket-here", key: "a.exr" }))).toBe("store/missing")
  })

  it("says that an object is missing once somebody has deleted it", async () => {
    const { store, ref, put, erase } = fixture()
    await put("a.exr", "a")
    await erase("a.exr")
    expect(codeOf(await store.head(ref("a.exr")))).toBe("store/missing")
  })

  it("has another etag and source version for other bytes of the same size", async () => {
    const { put } = fixture()
    const [one, two] = [unwrap(await put("a.exr", "1111")), unwrap(await put("a.exr", "2222"))]
    expect(two.etag).not.toBe(one.etag)
    expect(two.sourceVersion).not.toBe(one.sourceVersion)
  })

  it("keeps keys that are a trap elsewhere", async () => {
    const { store, ref, put, fetch } = fixture()
    for (const key of ODD_KEYS) unwrap(await put(key, key, { metadata: { is: "odd" } }))
    for (const key of ODD_KEYS) {
      const head = unwrap(await store.head(ref(key)))
      expect([head.key, head.metadata]).toEqual([key, { is: "odd" }])
      expect(text((await fetch(key, { ifMatch: head.etag })).bytes)).toBe(key)
    }
  })
}

export function fetchContract(fixture: () => StoreFixture): void {
  it("tells the XXH3-128 of the bytes, the same under every name", async () => {
    const { put, fetch } = fixture()
    const hashes = { "": "99aa06d3014798d86001c324468d497f", frame: "b043c02a3c712377786f80a22afe3a00" }
    for (const [bytes, contentHash] of Object.entries(hashes)) {
      for (const key of ["a.exr", "elsewhere/b.exr"]) {
        const { etag } = unwrap(await put(key, bytes))
        expect(unwrap((await fetch(key, { ifMatch: etag })).result).contentHash).toBe(contentHash)
      }
    }
  })

  it("tells their SHA-256 besides, where it is wished for", async () => {
    const { put, fetch } = fixture()
    const bytes = randomBytes(2 * 1024 * 1024 + 7)
    const { etag } = unwrap(await put("a.exr", bytes))
    const plain = unwrap((await fetch("a.exr", { ifMatch: etag })).result)
    const wished = unwrap((await fetch("a.exr", { ifMatch: etag, sha256: true })).result)
    expect([plain.contentSha256, wished.contentHash]).toEqual([null, plain.contentHash])
    expect(wished.contentSha256).toBe(createHash("sha256").update(bytes).digest("hex"))
  })

  it("fetches the bytes that were put, also none and many", async () => {
    const { put, fetch } = fixture()
    for (const bytes of [randomBytes(0), randomBytes(1), randomBytes(3 * 1024 * 1024 + 7)]) {
      const head = unwrap(await put("a.exr", bytes))
      const fetched = await fetch("a.exr", { ifMatch: head.etag, maxBytes: bytes.length })
      expect(unwrap(fetched.result)).toMatchObject({ etag: head.etag, sizeBytes: bytes.length })
      expect(fetched.bytes?.equals(bytes)).toBe(true)
    }
  })

  it("refuses another version than the one asked for and leaves no file", async () => {
    const { put, fetch } = fixture()
    const old = unwrap(await put("a.exr", "old"))
    await put("a.exr", "new")
    const { result, bytes } = await fetch("a.exr", { ifMatch: old.etag })
    expect([codeOf(result), bytes]).toEqual(["store/precondition-failed", null])
  })

  it("stops at the size limit and leaves no file", async () => {
    const { put, fetch } = fixture()
    const { etag } = unwrap(await put("a.exr", "12345"))
    const { result, bytes } = await fetch("a.exr", { ifMatch: etag, maxBytes: 4 })
    expect([codeOf(result), bytes]).toEqual(["store/too-large", null])
  })

  it("does nothing once it is told to stop", async () => {
    const { put, fetch } = fixture()
    const { etag } = unwrap(await put("a.exr", "12345"))
    const { result, bytes } = await fetch("a.exr", { ifMatch: etag, signal: AbortSignal.abort() })
    expect([codeOf(result), bytes]).toEqual(["stopped", null])
  })

  it("leaves the whole file or none when it is told to stop under way", async () => {
    const { put, fetch } = fixture()
    const { etag } = unwrap(await put("a.exr", randomBytes(8 * 1024 * 1024)))
    const stop = new AbortController()
    const fetching = fetch("a.exr", { ifMatch: etag, signal: stop.signal })
    setTimeout(() => stop.abort(), 1)
    const { result, bytes } = await fetching
    expect([codeOf(result), bytes?.length ?? null]).toBeOneOf([
      ["ok", 8 * 1024 * 1024],
      ["stopped", null],
    ])
  })
}

export function fetchUnderChangeContract(fixture: () => StoreFixture): void {
  it("never mixes two versions while an object is overwritten again and again", async () => {
    const { store, ref, put, fetch } = fixture()
    const version = (n: number): Buffer => Buffer.alloc(300_000, n)
    unwrap(await put("a.exr", version(0), { metadata: { byte: "0" } }))
    let writing = true
    const writer = (async () => {
      for (let n = 1; n <= 20; n++) unwrap(await put("a.exr", version(n), { metadata: { byte: `${n}` } }))
      writing = false
    })()
    do {
      const head = unwrap(await store.head(ref("a.exr")))
      const { result, bytes } = await fetch("a.exr", { ifMatch: head.etag })
      expect(codeOf(result)).toBeOneOf(["ok", "store/precondition-failed"])
      if (result.ok) expect(bytes?.equals(version(Number(head.metadata.byte)))).toBe(true)
    } while (writing)
    await writer
    expect(unwrap(await store.head(ref("a.exr"))).metadata.byte).toBe("20")
  })
}

export function rangeContract(fixture: () => StoreFixture): void {
  const of = async (start: number, end: number, ifMatch?: string) => {
    const { store, ref } = fixture()
    const read = await store.readRange(ref("a.exr"), { start, end, ...(ifMatch === undefined ? {} : { ifMatch }) })
    return read.ok ? text(read.value) : read.failure.code
  }

  it("reads a range, clipped to the object's end", async () => {
    const { etag } = unwrap(await fixture().put("a.exr", "0123456789"))
    expect(await of(0, 4)).toBe("0123")
    expect(await of(3, 5, etag)).toBe("34")
    expect(await of(8, 5000)).toBe("89")
    expect(await of(0, Number.MAX_SAFE_INTEGER)).toBe("0123456789")
  })

  it("refuses a range that holds no bytes of the object", async () => {
    await fixture().put("a.exr", "0123456789")
    for (const [start, end] of [
      [10, 12],
      [999, 1000],
      [4, 4],
      [5, 3],
      [-2, 4],
      [0.5, 4],
    ] as const)
      expect([start, end, await of(start, end)]).toEqual([start, end, "store/range-not-satisfiable"])
    await fixture().put("a.exr", "")
    expect(await of(0, 4)).toBe("store/range-not-satisfiable")
  })

  it("refuses a range of another version, and one that nobody waits for any more", async () => {
    const { store, ref, put } = fixture()
    const old = unwrap(await put("a.exr", "old"))
    await put("a.exr", "new")
    expect(await of(0, 2, old.etag)).toBe("store/precondition-failed")
    const aborted = await store.readRange(ref("a.exr"), { start: 0, end: 2, signal: AbortSignal.abort() })
    expect(codeOf(aborted)).toBe("stopped")
  })
}
