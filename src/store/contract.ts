import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { done, failed, failure, type Result } from "../events/result.ts"
import { unwrap } from "../events/testing/results.ts"
import type { ObjectStore } from "./index.ts"
import { listContract, listPartContract } from "./testing/listing.ts"
import { fetchContract, fetchUnderChangeContract, headContract, rangeContract } from "./testing/reading.ts"
import { codeOf, keysOf, type OpenedBucket, openStoreFixture, type StoreFixture } from "./testing/store-fixture.ts"
import { deleteContract, ifAbsentContract, ifMatchContract, replaceContract } from "./testing/writing.ts"

/** Where adapters differ. Each is tested as declared, and printed in the suite's name. */
export type StoreLimits = {
  /** Keys that the store cannot hold: every method answers store/bad-key. */
  readonly badKeys: readonly string[]
  /** Keys beyond the ordinary that it does hold. */
  readonly heldKeys: readonly string[]
  /** Whether the same bytes, put again, carry the same etag. */
  readonly etagOfSameBytes: "same" | "new"
  /**
   * Of many that replace one version at one time one wins; or each that looked in time does, where the store has nothing
   * to hold them to. One winner where it is left out.
   */
  readonly winners?: "one" | "each that looked in time"
  /** Whether what was put is there for a later run; `reopen` is null where not. */
  readonly keeps: "for later runs" | "while it is open"
  /** Whether objects have addresses to sign, and who holds whoever uses one to what was signed; none where it is left out. */
  readonly signs?: "the server checks" | "nobody checks"
  /** Whether checkWritable asks the store, and so tells of an outage, or answers from what earlier writes have met. */
  readonly checkWritable: "asks" | "remembers"
}

/** What every ObjectStore promises (its port is index.ts), over a fresh and empty bucket for each test. */
export function objectStoreContract(name: string, open: () => Promise<OpenedBucket>, limits: StoreLimits): void {
  const { winners = "one" } = limits
  const says = `${limits.signs === undefined ? "signs nothing" : `signs addresses, ${limits.signs}`}, checkWritable ${limits.checkWritable}, keeps objects ${limits.keeps}, ${limits.etagOfSameBytes} etag for the same bytes, winners: ${winners}`
  describe(`${name} as an object store (${says}; ${limits.badKeys.length} kinds of bad keys)`, () => {
    let current: StoreFixture
    const fixture = (): StoreFixture => current
    beforeEach(async () => {
      current = await openStoreFixture(await open())
    })
    afterEach(() => current.release())

    describe("head", () => headContract(fixture))
    describe("fetch", () => fetchContract(fixture))
    describe("fetch while somebody writes", () => fetchUnderChangeContract(fixture))
    describe("readRange", () => rangeContract(fixture))
    describe("checkWritable", () => writableContract(fixture))
    describe("put", () => replaceContract(fixture))
    describe("put where nothing is", () => ifAbsentContract(fixture))
    describe("put over a version", () => ifMatchContract(fixture, winners))
    describe("sign", () => signContract(fixture, limits))
    describe("delete", () => deleteContract(fixture))
    describe("list", () => listContract(fixture))
    describe("list in part", () => listPartContract(fixture))
    describe("an outage", () => outageContract(fixture, limits))
    describe("its limits", () => limitsContract(fixture, limits))
  })
}

function writableContract(fixture: () => StoreFixture): void {
  it("says of a place that takes objects that it does, and leaves nothing there", async () => {
    const { store, ref, list } = fixture()
    expect(await store.checkWritable(ref("new/folder/.proxies/a_proxy.mp4"))).toEqual({ ok: true, value: undefined })
    expect(await list()).toEqual([])
  })

  it("says nothing against an object that is there already", async () => {
    const { store, ref, put } = fixture()
    await put("a/b.jpg", "b")
    expect(await store.checkWritable(ref("a/b.jpg"))).toEqual({ ok: true, value: undefined })
  })
}

function signContract(fixture: () => StoreFixture, { signs, badKeys }: StoreLimits): void {
  const HOUR = { seconds: 3600 }
  /** What a browser without credentials gets. */
  const get = async (url: string, init: RequestInit = {}) => {
    const answer = await fetch(url, init)
    return [answer.status, answer.ok ? await answer.text() : ""]
  }
  const signed = async (key: string, options = HOUR) => {
    const { store, ref } = fixture()
    return unwrap((await store.sign?.(ref(key), options)) ?? failed(failure("store/failed", "It signs nothing.")))
  }
  if (signs === undefined) {
    it("is not there", () => {
      expect(fixture().store.sign).toBeUndefined()
    })
    return
  }

  const isChecked = signs === "the server checks"
  it.runIf(isChecked)("gives an address that reads the object, whole and in parts, and does nothing else", async () => {
    for (const key of ["a/.proxies/b c+é#1.mp4", "a/.proxies/%41&?.mp4"]) {
      await fixture().put(key, "0123456789")
      const { url } = await signed(key)
      expect(await get(url)).toEqual([200, "0123456789"])
      expect(await get(url, { headers: { range: "bytes=2-4" } })).toEqual([206, "234"])
      expect((await get(url, { method: "PUT", body: "x" }))[0]).toBe(403)
      expect((await get(url, { method: "DELETE" }))[0]).toBe(403)
      expect(await get(url)).toEqual([200, "0123456789"])
    }
  })

  it.runIf(isChecked)("gives an address for this object alone, which ends when it says", async () => {
    const { put, store } = fixture()
    await put("a.jpg", "a")
    await put("b.jpg", "b")
    const before = store.nowMs()
    const { url, expiresAtMs } = await signed("a.jpg")
    expect(Math.abs(expiresAtMs - before - 3_600_000)).toBeLessThan(300_000)
    expect((await get(url.replace("a.jpg", "b.jpg")))[0]).toBe(403)
    expect((await get(url.replace("X-Amz-Expires=3600", "X-Amz-Expires=86400")))[0]).toBe(403)
    const short = await signed("a.jpg", { seconds: 1 })
    await expect.poll(async () => (await get(short.url))[0], { timeout: 30_000 }).toBe(403)
  })

  it("asks nobody whether the object is there, and refuses names that no object has", async () => {
    const { store, ref } = fixture()
    expect((await get((await signed("nothing.jpg")).url))[0]).toBe(404)
    for (const key of badKeys)
      expect(codeOf((await store.sign?.(ref(key), HOUR)) ?? done(undefined))).toBe("store/bad-key")
  })

  it.each([0, -1, 1.5, Number.NaN, 7 * 24 * 3600 + 1])("for %d seconds is a mistake of the caller", async (seconds) => {
    const { store, ref } = fixture()
    await expect(store.sign?.(ref("a.jpg"), { seconds })).rejects.toThrow(RangeError)
  })
}

function outageContract(fixture: () => StoreFixture, limits: StoreLimits): void {
  it("is a value of every method, leaves no file behind, and is no answer about the object", async () => {
    const { store, ref, put, fetch, list, breakDown } = fixture()
    const { etag } = unwrap(await put("a/.proxies/b.jpg", "b"))
    const heal = await breakDown()
    const object = ref("a/.proxies/b.jpg")
    const fetched = await fetch(object.key, { ifMatch: etag })
    const results = [
      await store.head(object),
      await store.tags(object),
      fetched.result,
      await store.readRange(object, { start: 0, end: 1 }),
      await put(object.key, "changed"),
      await put("a/new.jpg", "new", { ifAbsent: true }),
      await store.delete(object, { ifMatch: etag }),
      ...(await list()),
    ]
    expect(results.map(outcomeOf)).toEqual(Array(8).fill("outage"))
    expect(fetched.bytes).toBeNull()
    expect(outcomeOf(await store.checkWritable(object))).toBe(limits.checkWritable === "asks" ? "outage" : "ok")
    await heal()
  })

  it("ends: the store is well afterwards, and holds nothing of what failed meanwhile", async () => {
    const { store, ref, put, list, breakDown } = fixture()
    const { etag } = unwrap(await put("a.jpg", "a"))
    const heal = await breakDown()
    await put("a.jpg", "changed")
    await put("b.jpg", "b")
    await heal()
    expect(keysOf(await list())).toEqual(["a.jpg"])
    expect(unwrap(await store.head(ref("a.jpg"))).etag).toBe(etag)
    unwrap(await put("b.jpg", "b"))
    expect(keysOf(await list())).toEqual(["a.jpg", "b.jpg"])
  })
}

/** "ok", or the kind of the failure. */
const outcomeOf = (result: Result<unknown>): string => (result.ok ? "ok" : result.failure.kind)

function limitsContract(fixture: () => StoreFixture, limits: StoreLimits): void {
  it.each(limits.badKeys.map(shown))("refuses the key %s in every method", async (_, key) => {
    const { store, ref, put, fetch, list } = fixture()
    const answers = [await put(key, "a"), await store.head(ref(key)), await store.tags(ref(key))]
    const { result } = await fetch(key, { ifMatch: "x" })
    const range = await store.readRange(ref(key), { start: 0, end: 1 })
    const writable = await store.checkWritable(ref(key))
    expect([...answers, result, range, writable].map(codeOf)).toEqual(Array(6).fill("store/bad-key"))
    expect(await list()).toEqual([])
  })

  it.each(limits.heldKeys.map(shown))("holds the key %s", async (_, key) => {
    const { store, ref, put } = fixture()
    unwrap(await put(key, "a"))
    expect(unwrap(await store.head(ref(key))).key).toBe(key)
  })

  it(`gives the same bytes a ${limits.etagOfSameBytes} etag`, async () => {
    const { put } = fixture()
    const etags = [unwrap(await put("a.exr", "same")).etag, unwrap(await put("a.exr", "same")).etag]
    expect(new Set(etags).size).toBe(limits.etagOfSameBytes === "same" ? 1 : 2)
  })

  it(`keeps objects ${limits.keeps}`, async () => {
    const { store, ref, put, reopen } = fixture()
    const head = unwrap(
      await put("a/b.jpg", "a", { contentType: "image/jpeg", tags: { t: "ä=1" }, metadata: { m: "2" } }),
    )
    expect(reopen !== null).toBe(limits.keeps === "for later runs")
    const later: ObjectStore = (await reopen?.()) ?? store
    const found = unwrap(await later.head(ref("a/b.jpg")))
    expect(found).toMatchObject({ etag: head.etag, contentType: "image/jpeg", metadata: { m: "2" } })
    expect(unwrap(await later.tags(ref("a/b.jpg")))).toEqual({ t: "ä=1" })
    if (later !== store) await later.close()
  })
}

/** A title may not be as long as a key. */
const shown = (key: string): [title: string, key: string] => [JSON.stringify(key).slice(0, 40), key]
