import { setImmediate as othersGoOn } from "node:timers/promises"
import { expect, it } from "vitest"
import { unwrap } from "../../events/testing/results.ts"
import type { StoreLimits } from "../contract.ts"
import { codeOf, keysOf, type StoreFixture, text } from "./store-fixture.ts"

const WRITERS = Array.from({ length: 20 }, (_, n) => `writer ${n}`)

/** One of many won: its bytes, its metadata and its tags are there, all of them its own. */
async function expectOneWinner(fixture: StoreFixture, key: string, codes: readonly string[]): Promise<void> {
  expect(codes.filter((code) => code === "ok")).toHaveLength(1)
  await expectWhole(fixture, key, codes)
}

/** Whoever lost was told so, and what is there is wholly that of one who won. */
async function expectWhole(fixture: StoreFixture, key: string, codes: readonly string[]): Promise<void> {
  const { store, ref, fetch } = fixture
  for (const code of codes) expect(code).toBeOneOf(["ok", "store/precondition-failed"])
  const head = unwrap(await store.head(ref(key)))
  const { winner = "" } = head.metadata
  expect(codes[WRITERS.indexOf(winner)]).toBe("ok")
  const { bytes } = await fetch(key, { ifMatch: head.etag })
  expect([text(bytes), head.metadata, unwrap(await store.tags(ref(key)))]).toEqual([winner, { winner }, { winner }])
}

const named = (winner: string) => ({ metadata: { winner }, tags: { winner } })

export function replaceContract(fixture: () => StoreFixture): void {
  it("replaces an object with all that belongs to it", async () => {
    const { store, ref, put, fetch } = fixture()
    await put("a.jpg", "old", { contentType: "image/png", metadata: { old: "1" }, tags: { old: "1" } })
    const { etag } = unwrap(await put("a.jpg", "new", { contentType: "image/jpeg", metadata: { new: "2" } }))
    expect(unwrap(await store.head(ref("a.jpg")))).toMatchObject({ contentType: "image/jpeg", etag, sizeBytes: 3 })
    expect(unwrap(await store.head(ref("a.jpg"))).metadata).toEqual({ new: "2" })
    expect(unwrap(await store.tags(ref("a.jpg")))).toEqual({})
    expect(text((await fetch("a.jpg", { ifMatch: etag })).bytes)).toBe("new")
  })

  it("shows whoever looks one version or the other, never none", async () => {
    const { store, ref, put } = fixture()
    const version = (n: number) => put("a.jpg", "x".repeat(n), { metadata: { length: `${n}` } })
    unwrap(await version(1))
    let writing = true
    const writer = (async () => {
      for (let n = 2; n <= 30; n++) unwrap(await version(n))
      writing = false
    })()
    do {
      const head = unwrap(await store.head(ref("a.jpg")))
      expect(head.metadata.length).toBe(`${head.sizeBytes}`)
      await othersGoOn()
    } while (writing)
    await writer
  })

  it("takes the last of many that write one name at one time, whole", async () => {
    const { store, ref, put } = fixture()
    const results = await Promise.all(WRITERS.map((name) => put("a.jpg", name, named(name))))
    expect(results.map(codeOf)).toEqual(WRITERS.map(() => "ok"))
    const head = unwrap(await store.head(ref("a.jpg")))
    expect(results.map((result) => unwrap(result).etag)).toContain(head.etag)
    expect(head.sizeBytes).toBe(Buffer.byteLength(head.metadata.winner ?? ""))
  })

  it("says that a bucket is missing", async () => {
    const { store, put } = fixture()
    unwrap(await put("a.jpg", "a"))
    const options = { contentType: "image/jpeg", tags: {}, metadata: {} }
    const result = await store.put({ bucket: "no-such-bucket-here", key: "a.jpg" }, import.meta.filename, options)
    expect(codeOf(result)).toBe("store/missing")
  })

  it("throws at a caller that asks for more than object stores take", async () => {
    const { put } = fixture()
    const elevenTags = Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`t${n}`, ""]))
    await expect(put("a.jpg", "a", { tags: elevenTags })).rejects.toThrow(RangeError)
    await expect(put("a.jpg", "a", { metadata: { long: "x".repeat(2048) } })).rejects.toThrow(RangeError)
    await expect(put("a.jpg", "a", { metadata: { "Upper-Case": "x" } })).rejects.toThrow(RangeError)
  })
}

export function ifAbsentContract(fixture: () => StoreFixture): void {
  it("claims a name only where nothing is", async () => {
    const { store, ref, put } = fixture()
    const first = unwrap(await put("a.jpg", "first", { ifAbsent: true, metadata: { is: "first" } }))
    expect(codeOf(await put("a.jpg", "second", { ifAbsent: true }))).toBe("store/precondition-failed")
    expect(unwrap(await store.head(ref("a.jpg")))).toMatchObject({ etag: first.etag, metadata: { is: "first" } })
  })

  it("can claim the name again once somebody has deleted the object", async () => {
    const { put, erase } = fixture()
    await put("a.jpg", "first", { ifAbsent: true })
    await erase("a.jpg")
    expect(codeOf(await put("a.jpg", "second", { ifAbsent: true }))).toBe("ok")
  })

  it("lets one of twenty win that claim a name at one time", async () => {
    const { put } = fixture()
    const claim = (name: string) => put("deep/er/a.jpg", name, { ...named(name), ifAbsent: true })
    const results = await Promise.all(WRITERS.map(claim))
    await expectOneWinner(fixture(), "deep/er/a.jpg", results.map(codeOf))
  })
}

export function ifMatchContract(fixture: () => StoreFixture, winners: NonNullable<StoreLimits["winners"]>): void {
  it("replaces only the version asked for", async () => {
    const { store, ref, put, erase } = fixture()
    const first = unwrap(await put("a.jpg", "first"))
    const second = unwrap(await put("a.jpg", "second", { ifMatch: first.etag, metadata: { is: "second" } }))
    expect(codeOf(await put("a.jpg", "third", { ifMatch: first.etag }))).toBe("store/precondition-failed")
    expect(unwrap(await store.head(ref("a.jpg")))).toMatchObject({ etag: second.etag, metadata: { is: "second" } })
    await erase("a.jpg")
    expect(codeOf(await put("a.jpg", "fourth", { ifMatch: second.etag }))).toBe("store/precondition-failed")
    expect(codeOf(await store.head(ref("a.jpg")))).toBe("store/missing")
  })

  it(`lets ${winners} of twenty win that replace one version at one time`, async () => {
    const { put } = fixture()
    const { etag } = unwrap(await put("a.jpg", "before"))
    const results = await Promise.all(WRITERS.map((name) => put("a.jpg", name, { ...named(name), ifMatch: etag })))
    const expectRight = winners === "one" ? expectOneWinner : expectWhole
    await expectRight(fixture(), "a.jpg", results.map(codeOf))
  })
}

const OUTPUT = "sh 010/.proxies/a#1_thumb.jpg"

export function deleteContract(fixture: () => StoreFixture): void {
  it("takes an output away with all that was known of it, and nothing beside it", async () => {
    const { store, ref, put, list } = fixture()
    const { etag } = unwrap(await put(OUTPUT, "a", { metadata: { made: "1" }, tags: { t: "1" } }))
    unwrap(await put("sh 010/.proxies/b_thumb.jpg", "b"))
    unwrap(await put("sh 010/a#1.exr", "source"))
    unwrap(await store.delete(ref(OUTPUT), { ifMatch: etag }))
    expect(codeOf(await store.head(ref(OUTPUT)))).toBe("store/missing")
    expect(keysOf(await list())).toEqual(["sh 010/.proxies/b_thumb.jpg", "sh 010/a#1.exr"])
    unwrap(await put(OUTPUT, "again", { ifAbsent: true }))
    expect(unwrap(await store.head(ref(OUTPUT))).metadata).toEqual({})
  })

  it("is done where nothing is, also in a folder that is not there", async () => {
    const { store, ref, put } = fixture()
    const { etag } = unwrap(await put(OUTPUT, "a"))
    unwrap(await store.delete(ref(OUTPUT), { ifMatch: etag }))
    unwrap(await store.delete(ref(OUTPUT), { ifMatch: etag }))
    unwrap(await store.delete(ref("no/such/.proxies/a.jpg"), { ifMatch: etag }))
  })

  it("leaves another version alone", async () => {
    const { store, ref, put } = fixture()
    const { etag } = unwrap(await put(OUTPUT, "first"))
    unwrap(await put(OUTPUT, "second, and longer"))
    expect(codeOf(await store.delete(ref(OUTPUT), { ifMatch: etag }))).toBe("store/precondition-failed")
    expect(unwrap(await store.head(ref(OUTPUT))).sizeBytes).toBe(18)
  })

  it.each([
    "sh010/a.exr",
    ".proxies",
    "sh010/.proxies/",
    "sh010/my.proxies/a.jpg",
    "sh010/.proxies/../a.exr",
    "../.proxies/a.jpg",
    "",
  ])("throws at a caller that would delete %j, which is no output, and deletes nothing", async (key) => {
    const { store, ref, put, list } = fixture()
    const { etag } = unwrap(await put("sh010/a.exr", "source"))
    await expect(store.delete(ref(key), { ifMatch: etag })).rejects.toThrow(RangeError)
    expect(keysOf(await list())).toEqual(["sh010/a.exr"])
  })
}
