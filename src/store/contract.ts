import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { ObjectStore } from "./index.ts"
import { type Bench, codeOf, type OpenedBucket, openBench, valued } from "./testing/bench.ts"
import { deleteContract } from "./testing/deleting.ts"
import { listContract, listPartContract } from "./testing/listing.ts"
import { fetchContract, fetchUnderChangeContract, headContract, rangeContract } from "./testing/reading.ts"
import { ifAbsentContract, ifMatchContract, replaceContract } from "./testing/writing.ts"

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
}

/** What every ObjectStore promises (its port is index.ts), over a fresh and empty bucket for each test. */
export function objectStoreContract(name: string, open: () => Promise<OpenedBucket>, limits: StoreLimits): void {
  const { winners = "one" } = limits
  const says = `keeps objects ${limits.keeps}, ${limits.etagOfSameBytes} etag for the same bytes, winners: ${winners}`
  describe(`${name} as an object store (${says}; ${limits.badKeys.length} kinds of bad keys)`, () => {
    let current: Bench
    const bench = (): Bench => current
    beforeEach(async () => {
      current = await openBench(await open())
    })
    afterEach(() => current.release())

    describe("head", () => headContract(bench))
    describe("fetch", () => fetchContract(bench))
    describe("fetch while somebody writes", () => fetchUnderChangeContract(bench))
    describe("readRange", () => rangeContract(bench))
    describe("checkWritable", () => writableContract(bench))
    describe("put", () => replaceContract(bench))
    describe("put where nothing is", () => ifAbsentContract(bench))
    describe("put over a version", () => ifMatchContract(bench, winners))
    describe("delete", () => deleteContract(bench))
    describe("list", () => listContract(bench))
    describe("list in part", () => listPartContract(bench))
    describe("its limits", () => limitsContract(bench, limits))
  })
}

function writableContract(bench: () => Bench): void {
  it("says of a place that takes objects that it does, and leaves nothing there", async () => {
    const { store, ref, list } = bench()
    expect(await store.checkWritable(ref("new/folder/.proxies/a_proxy.mp4"))).toEqual({ ok: true, value: undefined })
    expect(await list()).toEqual([])
  })

  it("says nothing against an object that is there already", async () => {
    const { store, ref, put } = bench()
    await put("a/b.jpg", "b")
    expect(await store.checkWritable(ref("a/b.jpg"))).toEqual({ ok: true, value: undefined })
  })
}

function limitsContract(bench: () => Bench, limits: StoreLimits): void {
  it.each(limits.badKeys.map(shown))("refuses the key %s in every method", async (_, key) => {
    const { store, ref, put, fetch, list } = bench()
    const answers = [await put(key, "a"), await store.head(ref(key)), await store.tags(ref(key))]
    const { result } = await fetch(key, { ifMatch: "x" })
    const range = await store.readRange(ref(key), { start: 0, end: 1 })
    const writable = await store.checkWritable(ref(key))
    expect([...answers, result, range, writable].map(codeOf)).toEqual(Array(6).fill("store/bad-key"))
    expect(await list()).toEqual([])
  })

  it.each(limits.heldKeys.map(shown))("holds the key %s", async (_, key) => {
    const { store, ref, put } = bench()
    valued(await put(key, "a"))
    expect(valued(await store.head(ref(key))).key).toBe(key)
  })

  it(`gives the same bytes a ${limits.etagOfSameBytes} etag`, async () => {
    const { put } = bench()
    const etags = [valued(await put("a.exr", "same")).etag, valued(await put("a.exr", "same")).etag]
    expect(new Set(etags).size).toBe(limits.etagOfSameBytes === "same" ? 1 : 2)
  })

  it(`keeps objects ${limits.keeps}`, async () => {
    const { store, ref, put, reopen } = bench()
    const head = valued(
      await put("a/b.jpg", "a", { contentType: "image/jpeg", tags: { t: "ä=1" }, metadata: { m: "2" } }),
    )
    expect(reopen !== null).toBe(limits.keeps === "for later runs")
    const later: ObjectStore = (await reopen?.()) ?? store
    const found = valued(await later.head(ref("a/b.jpg")))
    expect(found).toMatchObject({ etag: head.etag, contentType: "image/jpeg", metadata: { m: "2" } })
    expect(valued(await later.tags(ref("a/b.jpg")))).toEqual({ t: "ä=1" })
    if (later !== store) await later.close()
  })
}

/** A title may not be as long as a key. */
const shown = (key: string): [title: string, key: string] => [JSON.stringify(key).slice(0, 40), key]
